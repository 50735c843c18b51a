"""Lines of a stream that may be gzip: JSON Lines as vendors hand them out."""

import zlib
from collections.abc import Iterator

_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20


class TruncatedStream(ValueError):
    """The stream ended in the middle of its gzip member."""


class CorruptStream(ValueError):
    """The stream is not the gzip that it began as."""


class Lines:
    """Cuts chunks of bytes into lines without their ends; memory stays that of a piece and a line.

    gzip (of any number of members) is told by its first two bytes, not by a name or a header.
    """

    def __init__(self) -> None:
        self._start = b""
        self._plain: bool | None = None
        self._inflater = zlib.decompressobj(wbits=31)
        self._rest: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that this chunk completes. Raises CorruptStream."""
        if self._plain is None:
            chunk = self._start + chunk
            if len(chunk) < 2 and _MAGIC.startswith(chunk):
                self._start = chunk
                return
            self._plain = not chunk.startswith(_MAGIC)
            self._start = b""
        if self._plain:
            yield from self._cut(chunk)
            return
        while chunk:
            if self._inflater.eof:
                # A gzip file may have several members; what is no member is padding (RFC 1952, 2.2).
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    return
                self._inflater = zlib.decompressobj(wbits=31)
            try:
                piece = self._inflater.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise CorruptStream(f"not gzip any more: {error}") from None
            chunk = self._inflater.unconsumed_tail or self._inflater.unused_data
            yield from self._cut(piece)
        while piece := self._more():
            yield from self._cut(piece)

    def end(self) -> Iterator[bytes]:
        """The last line where it lacks a line end. Raises TruncatedStream."""
        if self._plain is False and not self._inflater.eof:
            raise TruncatedStream("the gzip stream breaks off")
        last = self._start + b"".join(self._rest)
        self._start, self._rest = b"", []
        if last:
            yield last

    def _more(self) -> bytes:
        # zlib may hold output back after its input is used up, when max_length stopped it.
        return b"" if self._inflater.eof else self._inflater.decompress(b"", _PIECE)

    def _cut(self, piece: bytes) -> Iterator[bytes]:
        head, *others = piece.split(b"\n")
        self._rest.append(head)
        if others:
            yield b"".join(self._rest)
            yield from others[:-1]
            self._rest = [others[-1]]
