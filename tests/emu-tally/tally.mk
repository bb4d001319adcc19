# The page is looked at with a real browser.
DEBS_TEST += chromium
