"""One evaluation as one page of HTML that needs nothing but itself: no network, no other file.

`emoconv.report.page.rendering` needs the extra ``report`` and is imported on its own; the other
modules prepare what the page shows and need nothing.
"""

from emoconv.report.page.subject import Behaviour, Explain, Explained, Share, Subject

__all__ = ["Behaviour", "Explain", "Explained", "Share", "Subject"]
