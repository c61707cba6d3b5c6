"""One module per standard: bytes in, bytes out, no input or output of their own."""
