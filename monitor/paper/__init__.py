"""Documents for people, laid out once and printed twice: as a page (HTML) and as paper (PDF), in any language."""
