"""The map: what is written into it, and that it works in a browser."""

import base64
import json
import re

import numpy as np
import pytest

from fastw2v.errors import PlotError
from fastw2v.plots.web_map import NEIGHBORS, draw_map, nearest_rows, page, typical_rows
from fastw2v.vectors.tables import unit
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.browser import chromium, complaints, prefer, requested, resize

EVIL = '</script><b id="evil">&amp;{{library}}'
KINDS = ["weather", "drink", "ruler"]


def small_world(n=400):
    """Three bundles of words, weather0 drink0 ruler0 weather1 ..., and among them a word that is
    markup.
    """
    rng = np.random.default_rng(5)
    rows = np.eye(12)[np.arange(n) % 3] * 2 + rng.normal(size=(n, 12)) * 0.4
    words = [f"{KINDS[i % 3]}{i // 3}" for i in range(n)]
    words[7], words[8] = EVIL, "猫"
    return WordVectors(words, rows.astype(np.float32), counts=np.arange(n, 0, -1) * 10)


@pytest.fixture(scope="module")
def vectors():
    return small_world()


@pytest.fixture(scope="module")
def path(tmp_path_factory, vectors):
    path = tmp_path_factory.mktemp("map") / "a map#1.html"
    draw_map(vectors, path, words=300)
    return path


def data_of(text):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1]
    )


def test_neighbours_are_those_of_the_whole_space(vectors):
    numbers, cosines = nearest_rows(unit(vectors.vectors), NEIGHBORS)
    for i in (0, 7, 399):
        found = vectors.nearest(vectors.words[i], NEIGHBORS)
        assert [vectors.words[j] for j in numbers[i]] == [word for word, _ in found]
        np.testing.assert_allclose(cosines[i], [cosine for _, cosine in found], rtol=1e-5)


def test_neighbours_are_found_in_pieces_and_of_few_words(rng, monkeypatch):
    rows = unit(rng.normal(size=(50, 4)).astype(np.float32))
    whole = nearest_rows(rows, 5)
    monkeypatch.setattr("fastw2v.plots.web_map.ROWS", 7)
    for a, b in zip(whole, nearest_rows(rows, 5), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert nearest_rows(rows[:3], 10)[0].shape == (3, 2)


def test_a_cluster_is_named_by_frequent_words_near_its_centre():
    rows = unit(np.array([[1, 0.1], [1, 0], [1, 0.5], [1, 0.9], [1, 0], [0, 1]]))
    assert typical_rows(rows, np.array([0, 0, 0, 0, 0, 1]), np.array([[1.0, 0.0], [0, 1]]), 0) == [
        1,
        0,
        2,
    ]


def test_the_page_holds_what_it_shows_and_says_what_it_is(path, vectors):
    text = path.read_text(encoding="utf8")
    data = data_of(text)
    assert data["words"] == vectors.words[:300] and data["counts"] == vectors.counts[:300].tolist()
    assert re.search(" 400, .*PCA of 12 dimensions", text)
    assert (
        all(len({name[:4] for name in names} - {EVIL[:4], "猫"}) == 1 for names in data["groups"])
        and not data["all"]
    )
    assert "Copyright 2010-2023 Mike Bostock" in text


def test_markup_in_words_stays_text(path):
    text = path.read_text(encoding="utf8")
    assert EVIL not in text and '<b id="evil">' not in text
    assert text.count("</script>") == 3
    assert data_of(text)["words"][7] == EVIL


def test_what_is_put_into_a_template_is_not_looked_at_again():
    names = "kind title style when notes figures sections version folder".split()
    parts = dict.fromkeys(names, "{{style}}")
    assert page("report.html", **parts).count(b"{{style}}") == 10


def test_the_same_vectors_give_the_same_page(path, tmp_path, vectors):
    mapped = draw_map(vectors, tmp_path / "again.html", words=300)
    assert (tmp_path / "again.html").read_bytes() == path.read_bytes()
    assert (mapped.words, mapped.size) == (300, path.stat().st_size)


@pytest.mark.parametrize("n", [3, 4])
def test_few_words_are_a_map_too(tmp_path, n):
    draw_map(WordVectors([*"abcd"[:n]], np.eye(4, dtype=np.float32)[:n]), tmp_path / "m.html")
    assert len(data_of((tmp_path / "m.html").read_text(encoding="utf8"))["words"]) == n


def test_too_few_words_and_too_many_are_refused(tmp_path, vectors):
    with pytest.raises(PlotError, match="3 words, got 2"):
        draw_map(WordVectors(["a", "b"], np.eye(2, dtype=np.float32)), tmp_path / "m.html")
    with pytest.raises(PlotError, match="3 to 50,000 words, not 60,000"):
        draw_map(vectors, tmp_path / "m.html", words=60_000)
    assert not list(tmp_path.iterdir())


# ---- in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def opened(browser, path):
    """The page, freshly opened; afterwards nothing was complained of and nothing asked of the
    network.
    """
    resize(browser, 1280, 800)
    prefer(browser, "light")
    browser.get("about:blank")
    browser.execute_cdp_cmd(
        "Storage.clearDataForOrigin", {"origin": "file://", "storageTypes": "local_storage"}
    )
    requested(browser)
    browser.get(path.as_uri())
    yield browser
    assert complaints(browser) == []
    assert requested(browser) == []


def by_id(browser, name):
    return browser.find_element("id", name)


def keys(browser, *pressed):
    browser.switch_to.active_element.send_keys(*pressed)


PIXELS = """
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(() => { // what was asked for is drawn by then
  const map = document.getElementById("map"), copy = new OffscreenCanvas(map.width, map.height);
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(map, 0, 0);
  const opaque = pen.getImageData(0, 0, map.width, map.height).data.filter((_, i) => i % 4 === 3);
  let text = "";
  for (let i = 0; i < opaque.length; i += 8192)
    text += String.fromCharCode(...opaque.subarray(i, i + 8192));
  done([map.width, map.height, btoa(text)]);
}));
"""


def painted(browser):
    """How opaque each pixel of the map is, uint8 [height, width]: 0 where nothing is drawn."""
    width, height, text = browser.execute_async_script(PIXELS)
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width)


def test_the_map_is_drawn_beside_its_card(opened):
    dots = painted(opened)
    card = by_id(opened, "card").rect
    assert np.count_nonzero(dots) > 3000
    assert not dots[:, : int(card["x"] + card["width"])].any()
    assert by_id(opened, "map").get_attribute("aria-label").endswith(" 300 words")
    assert not opened.find_elements("id", "evil")


def test_a_word_is_searched_and_its_neighbours_shown(opened, vectors):
    from selenium.webdriver.common.keys import Keys

    before = painted(opened)
    keys(opened, "/")
    assert opened.switch_to.active_element.get_attribute("id") == "search"
    keys(opened, "RULER1")
    found = [item.text for item in by_id(opened, "matches").find_elements("tag name", "li")]
    assert (
        found[:2] == ["ruler1", "ruler10"]
        and by_id(opened, "search").get_attribute("aria-expanded") == "true"
    )
    keys(opened, Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    shown = [item.text for item in opened.find_elements("css selector", "#chosen li .word")]
    first = WordVectors(vectors.words[:300], vectors.vectors[:300])
    assert shown == [word for word, _ in first.nearest("ruler1", NEIGHBORS)]
    assert (
        by_id(opened, "said")
        .get_attribute("textContent")
        .startswith(f"ruler1: nearest {shown[0]}, ")
    )
    assert opened.current_url.endswith("#ruler1") and not by_id(opened, "matches").is_displayed()
    assert (painted(opened) != before).mean() > 0.002
    opened.find_element("css selector", "#chosen li button").click()
    assert opened.find_element("css selector", "#chosen h2").text == shown[0]
    keys(opened, Keys.ESCAPE)
    assert (
        not by_id(opened, "chosen").is_displayed()
        and "#" not in opened.current_url.split("%231")[1]
    )


def test_a_word_that_is_not_there_is_said_and_one_that_is_markup_is_text(opened):
    from selenium.webdriver.common.keys import Keys

    by_id(opened, "search").send_keys("kong", Keys.ENTER)
    assert re.match("kong .*300", by_id(opened, "said").text)
    keys(opened, Keys.ESCAPE)
    by_id(opened, "search").send_keys("</scr", Keys.ENTER)
    assert opened.find_element("css selector", "#chosen h2").text == EVIL
    assert not opened.find_elements("id", "evil")


def test_the_map_is_moved_by_keys(opened):
    from selenium.webdriver.common.keys import Keys

    by_id(opened, "map").send_keys("")
    opened.execute_script("document.getElementById('map').focus()")
    whole = painted(opened)
    for pressed in (Keys.ARROW_RIGHT, "+", "-"):
        before = painted(opened)
        keys(opened, pressed)
        assert (painted(opened) != before).any()
    keys(opened, "0")
    np.testing.assert_array_equal(painted(opened), whole)
    keys(opened, Keys.ARROW_DOWN)
    # 80 pixels, and every label as it was
    np.testing.assert_array_equal(painted(opened)[200:600, 340:], whole[280:680, 340:])


def test_everything_is_reached_by_tab_and_shows_that_it_is(opened):
    from selenium.webdriver.common.keys import Keys

    seen = []
    for _ in range(9):
        keys(opened, Keys.TAB)
        here = opened.switch_to.active_element
        seen.append(
            here.get_attribute("id") or here.get_attribute("data-by") or here.get_attribute("class")
        )
        assert here.value_of_css_property("outline-style") == "solid", seen
    assert seen[:5] == ["map", "theme", "search", "cluster", "frequency"] and "group" in seen


POINT = """
for (const type of ["pointermove", "click"]) {
  const at = { clientX: arguments[0], clientY: arguments[1], bubbles: true };
  document.getElementById("map").dispatchEvent(new PointerEvent(type, at));
}
"""


def test_a_click_chooses_the_word_under_it_and_an_empty_place_lets_it_go(opened):
    dots = np.isin(painted(opened), (228, 229, 230))  # 0.9 of 255: labels are more opaque
    y, x = (
        np.argwhere(
            dots[1:-1, 1:-1] & dots[2:, 1:-1] & dots[:-2, 1:-1] & dots[1:-1, 2:] & dots[1:-1, :-2]
        )[0]
        + 1
    )
    opened.execute_script(POINT, int(x), int(y))
    assert by_id(opened, "map").value_of_css_property("cursor") == "pointer"
    assert by_id(opened, "chosen").is_displayed()
    opened.execute_script(POINT, 1275, 5)
    assert not by_id(opened, "chosen").is_displayed()


def test_colours_and_themes_change(opened):
    def paper():
        return opened.execute_script("return getComputedStyle(document.body).backgroundColor")

    light = paper()
    opened.find_element("css selector", "[data-by=frequency]").click()
    assert opened.find_elements("css selector", "#legend .ramp")
    by_id(opened, "theme").click()
    assert paper() != light
    opened.execute_script("localStorage.clear()")
    prefer(opened, "dark")
    opened.refresh()
    assert paper() != light


def test_a_cluster_is_lit_alone(opened):
    before = painted(opened)
    first = opened.find_element("css selector", "#legend .group")
    first.click()
    pressed = opened.find_element("css selector", "#legend .group[aria-pressed=true]")
    assert pressed == opened.switch_to.active_element
    assert np.count_nonzero(painted(opened) > 200) < 0.8 * np.count_nonzero(before > 200)


def test_an_address_names_a_word(opened, path):
    opened.get(path.as_uri() + "#%E7%8C%AB")
    opened.refresh()
    assert opened.find_element("css selector", "#chosen h2").text == "猫"


def test_in_a_narrow_window_the_card_leaves_room(opened):
    resize(opened, 360, 740)
    opened.refresh()
    card = by_id(opened, "card").rect
    assert card["y"] > 300 and card["width"] == 360
    assert np.count_nonzero(painted(opened)[: int(card["y"])]) > 1000
    assert opened.execute_script("return document.documentElement.scrollWidth") == 360
