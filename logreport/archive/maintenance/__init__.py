"""Care for an archive.

`verify` finds what is not as it was written, `repair` mends it, `Reparsing` reads logs again with newer code, `compact`
makes few files of many, `forgetting` takes logs out for good.
"""
