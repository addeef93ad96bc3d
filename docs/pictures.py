"""Make the pictures in docs/ again: ``python docs/pictures.py``. It needs chromium on the PATH.

The vectors are those of the tutorial, so the numbers in the pictures are those of its text.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
COUNTRIES = (
    "france,paris,italy,rome,germany,berlin,japan,tokyo,egypt,cairo,russia,moscow,greece,athens,"
    "spain,madrid"
)
PEOPLE = "king,queen,man,woman,prince,princess,boy,girl,father,mother,uncle,aunt,actor,actress"
# picture: (page, width, height, dark theme)
SCREENSHOTS = {
    "map.png": ("map.html", 1200, 760, False),
    "map-word.png": ("map.html#king", 1200, 760, True),
    "report.png": ("report.html", 860, 1540, False),
}
FLAGS = (
    "--headless --no-sandbox --disable-gpu --hide-scrollbars --force-prefers-reduced-motion"
    " --virtual-time-budget=5000"
).split()


def fastw2v(folder: Path, line: str) -> None:
    """Run a command of fastw2v in a folder."""
    subprocess.run([sys.executable, "-m", "fastw2v", *line.split()], cwd=folder, check=True)


def screenshot(
    chromium: str, page: Path, picture: Path, width: int, height: int, dark: bool
) -> None:
    """Save what a browser shows of a page in a frame of some size."""
    frame = page.with_name("frame.html")  # Chromium resizes its window, but not a frame
    style = f"display: block; border: 0; width: {width}px; height: {height}px"
    frame.write_text(f'<body style="margin: 0"><iframe src="{page.name}" style="{style}">')
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    window = [f"--window-size={width},{height}", f"--screenshot={picture}"]
    command = [chromium, *FLAGS, scheme, *window, frame.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Train on the corpus of the tutorial, draw, and replace the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium: no such program; install it, for example by apt install chromium")
    with TemporaryDirectory() as name:
        folder = Path(name)
        fastw2v(folder, "demo corpus.txt")
        fastw2v(folder, "train corpus.txt --threads 1")
        fastw2v(folder, f"plot vectors.bin -o {HERE / 'plot.png'}")
        fastw2v(folder, f"plot vectors.bin -o {HERE / 'lands.png'} --words {COUNTRIES}")
        fastw2v(folder, f"plot vectors.bin -o {HERE / 'people.png'} --words {PEOPLE}")
        fastw2v(folder, "map vectors.bin")
        long_run = "--run-dir long --epochs 20 --eval corpus-analogies.txt --eval-every 5"
        fastw2v(folder, f"train corpus.txt --threads 1 {long_run}")
        fastw2v(folder, "report long")
        for picture, (page, *size, dark) in SCREENSHOTS.items():
            screenshot(chromium, folder / page, HERE / picture, *size, dark)


if __name__ == "__main__":
    main()
