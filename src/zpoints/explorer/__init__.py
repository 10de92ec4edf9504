"""A page that opens from disk and decodes z-points in the browser.

export.py     a Keras model as ONNX
space.py      what the page must know of one model's cloud of z-points
chunks.py     data as scripts: a page opened from disk may load scripts, and may fetch nothing
page.py       the whole folder
web/          the page itself: readable modules in src/, and in bundle/ what build.mjs makes of them
"""
