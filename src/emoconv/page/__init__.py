"""The page in a browser: its files, and a folder of them that needs no server.

``static`` holds what a browser is sent. What is in ``static/engine`` computes there what
`emoconv.detector` computes here, from the same files of a bundle.
"""

from emoconv.page.writing import WrittenPage, check_destination, write_page

__all__ = ["WrittenPage", "check_destination", "write_page"]
