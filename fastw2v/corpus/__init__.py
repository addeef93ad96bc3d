"""From text to ids: text is parsed once; all epochs, threads and restarts read int32 ids only."""
