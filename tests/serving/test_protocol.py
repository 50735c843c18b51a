"""Requests are read whole, within bounds, and answered in order: at once, later or by an application."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.serving.asgi import Receive, Reply, Scope, Send
from cockpit.serving.protocol import MAX_HEAD, Answering, Outcome, Request, sweep
from cockpit.serving.server import handling

LIMIT = 1000


async def slow_app(scope: Scope, receive: Receive, send: Send) -> None:
    """What legacy's answer is: it comes in pieces, after a while."""
    await asyncio.sleep(0)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["method"].encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b" " + scope["raw_path"]})


class Told:
    """A handler: the path says how it answers, and it remembers what it took."""

    max_body = LIMIT
    max_connections = 20

    def __init__(self) -> None:
        self.taken: list[Request] = []
        self.refused: list[str] = []
        self.promised: list[asyncio.Future[Answering]] = []
        self.promise = threading.Event()
        self.loop: asyncio.AbstractEventLoop

    def resolve(self, number: int, answering: Answering) -> None:
        """Give a promised answer, from any thread."""
        self.loop.call_soon_threadsafe(self.promised[number].set_result, answering)

    def take(self, request: Request) -> Outcome:
        self.taken.append(request)
        loop = asyncio.get_running_loop()
        if request.path.startswith("/app"):
            return slow_app
        if request.path.startswith("/later"):
            future: asyncio.Future[Answering] = loop.create_future()
            self.promised.append(future)
            self.loop = loop
            self.promise.set()
            return future
        if request.path.startswith("/soon"):
            soon: asyncio.Future[Answering] = loop.create_future()
            loop.call_soon(soon.set_result, Reply(200, body=request.body))
            return soon
        return Reply(200, ((b"x-said", b"now"),), request.body, close=request.path == "/end")

    def too_large(self, request: Request) -> Reply:
        self.refused.append("large")
        return Reply(413, close=True)

    def malformed(self) -> None:
        self.refused.append("malformed")

    def late(self) -> None:
        self.refused.append("late")


class Served:
    """The server in a thread, and a way to speak to it in bytes."""

    def __init__(self, handler: Told, port: int, server: uvicorn.Server) -> None:
        self.handler = handler
        self._port = port
        self._server = server

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=10)

    def said(self, *sent: bytes) -> bytes:
        """What comes back for these pieces, until the server closes."""
        with self.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in sent:
                connection.sendall(piece)
            return rest(connection)

    def end(self) -> None:
        self._server.should_exit = True


@contextmanager
def serving(handler: Told, reading_s: float = 30.0) -> Iterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(handling(handler))

    async def main() -> None:
        looking = asyncio.create_task(sweep(server.server_state.connections, reading_s))
        await server.serve(sockets=[listener])
        looking.cancel()

    thread = threading.Thread(target=lambda: uvloop.run(main()))
    thread.start()
    served = Served(handler, listener.getsockname()[1], server)
    try:
        yield served
    finally:
        served.end()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with serving(Told()) as served:
        yield served


@pytest.fixture
def served(running: Served) -> Served:
    running.handler.__init__()  # type: ignore[misc]
    return running


def rest(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def asked(path: str, body: bytes = b"", method: str = "POST", *more: str) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    return (head + "".join(f"{line}\r\n" for line in more) + "\r\n").encode() + body


def last(path: str, body: bytes = b"", method: str = "POST", *more: str) -> bytes:
    return asked(path, body, method, "Connection: close", *more)


def bodies(said: bytes) -> list[bytes]:
    """The bodies of what was said, of known or chunked length."""
    found = []
    while said:
        head, _, said = said.partition(b"\r\n\r\n")
        if b"content-length: " in head:
            length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
            found.append(said[:length])
            said = said[length:]
        else:
            chunked, _, said = said.partition(b"0\r\n\r\n")
            found.append(b"".join(chunked.split(b"\r\n")[1::2]))
    return found


def test_a_reply_is_whole_and_dated(served: Served) -> None:
    said = served.said(last("/now", b"abc"))
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
    assert b"\r\nx-said: now\r\ncontent-length: 3" in head and body == b"abc"


def test_a_request_is_told_as_it_came(served: Served) -> None:
    served.said(last("/now/%41?a=%20b", b"x", "PUT", "X-One: 1", "X-One: 2"))
    (request,) = served.handler.taken
    assert (request.method, request.path, request.query) == (b"PUT", "/now/A", b"a=%20b")
    assert request.target == b"/now/%41?a=%20b"
    assert [value for name, value in request.headers if name == b"x-one"] == [b"1", b"2"]


def test_requests_in_one_piece_are_answered_in_their_order(served: Served) -> None:
    said = served.said(asked("/now", b"1") + asked("/app", b"2") + asked("/now", b"3") + last("/app?4"))
    assert bodies(said) == [b"1", b"POST /app", b"3", b"POST /app"]


def test_what_comes_later_is_written_when_it_is_there(served: Served) -> None:
    for late in (Reply(201, body=b"late"), slow_app):
        served.handler.promise.clear()
        with served.connect() as connection:
            connection.sendall(asked("/later"))
            assert served.handler.promise.wait(10)
            served.handler.resolve(-1, late)
            assert bodies(_until(connection, b"late", b"0\r\n\r\n")) in ([b"late"], [b"POST /later"])
            connection.sendall(asked("/now", b"after"))
            assert _until(connection, b"after").endswith(b"after"), "the connection is kept"


def test_who_asks_again_before_the_first_answer_has_to_come_again(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(asked("/later") + asked("/now", b"unheard"))
        assert served.handler.promise.wait(10)
        served.handler.resolve(0, Reply(200, body=b"first"))
        said = rest(connection)
    assert bodies(said) == [b"first"] and b"connection: close" in said
    assert [request.path for request in served.handler.taken] == ["/later"], "nothing was done about it"


def test_an_answer_that_nobody_waits_for_any_more_is_dropped(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(asked("/later"))
        assert served.handler.promise.wait(10)
    served.said(last("/now"))  # by now the first one's end was seen
    served.handler.resolve(0, Reply(200))
    assert bodies(served.said(last("/now", b"well"))) == [b"well"]


@pytest.mark.parametrize(
    ("sent", "closes"),
    [
        (asked("/now"), False),
        (asked("/now", b"", "POST", "Connection: close"), True),
        (asked("/end"), True),
        (b"GET /now HTTP/1.0\r\n\r\n", True),
        (b"GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_a_connection_ends_when_either_side_says_so(served: Served, sent: bytes, closes: bool) -> None:
    with served.connect() as connection:
        connection.sendall(sent)
        assert (b"connection: close" in _until(connection, b"\r\n\r\n")) is closes
        connection.settimeout(10 if closes else 0.2)
        try:
            assert connection.recv(1) == b"" and closes
        except TimeoutError:
            assert not closes


def test_head_has_no_body(served: Served) -> None:
    said = served.said(last("/now", b"abc", "HEAD"))
    assert b"content-length: 3" in said and said.endswith(b"\r\n\r\n")


def test_who_asks_whether_to_send_a_body_is_told_so(served: Served) -> None:
    head, body = asked("/now", b"abc", "POST", "Expect: 100-continue").split(b"abc")[0], b"abc"
    with served.connect() as connection:
        connection.sendall(head)
        assert _until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert bodies(_until(connection, body)) == [body]


def test_chunks_are_one_body_and_trailers_are_no_headers(served: Served) -> None:
    chunks = b"2\r\nab\r\n1\r\nc\r\n0\r\nX-Late: 1\r\nHost: other\r\n\r\n"
    head = b"POST /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert bodies(served.said(head + chunks)) == [b"abc"]
    (request,) = served.handler.taken
    assert request.body == b"abc"
    assert [name for name, _ in request.headers] == [b"host", b"connection", b"transfer-encoding"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_read_and_refused(served: Served, chunked: bool) -> None:
    large = b"x" * (LIMIT + 1)
    if chunked:
        head = b"POST /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        sent = head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(large), large)
    else:
        sent = last("/now", large)
    said = served.said(sent)
    assert said.startswith(b"HTTP/1.1 413") and b"connection: close" in said
    assert (served.handler.taken, served.handler.refused) == ([], ["large"])
    assert bodies(served.said(last("/now", large[:LIMIT]))) == [large[:LIMIT]]


def test_a_head_without_end_is_refused(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(b"GET /now HTTP/1.1\r\n")
        line = b"x-more: " + b"x" * 1000 + b"\r\n"
        try:
            for _ in range(3 * MAX_HEAD // len(line)):
                connection.sendall(line)
        except OSError:
            pass  # it was closed meanwhile
    assert bodies(served.said(last("/now", b"well"))) == [b"well"]
    assert served.handler.refused == ["malformed"]


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_clear_http_is_answered_400(served: Served, sent: bytes) -> None:
    assert served.said(sent).startswith(b"HTTP/1.1 400")
    assert (served.handler.taken, served.handler.refused) == ([], ["malformed"])


def test_too_many_connections_are_told_to_come_again(served: Served) -> None:
    held = [served.connect() for _ in range(served.handler.max_connections)]
    try:
        held[0].sendall(asked("/now", b"a"))
        assert bodies(_until(held[0], b"a")) == [b"a"]
        assert served.said(last("/now")).startswith(b"HTTP/1.1 503")
    finally:
        for connection in held:
            connection.close()


def test_at_the_end_what_was_begun_is_answered() -> None:
    with (
        serving(Told()) as served,
        served.connect() as half,
        served.connect() as waits,
        served.connect() as idle,
    ):
        idle.sendall(asked("/now", b"a"))
        assert bodies(_until(idle, b"a")) == [b"a"]
        waits.sendall(asked("/later"))
        assert served.handler.promise.wait(10)
        head, body = asked("/now", b"abc")[:-1], b"c"
        half.sendall(head)
        served.said(last("/now"))  # by now that was read
        served.end()
        assert rest(idle) == b"", "who asks nothing is closed"
        half.sendall(body)
        assert bodies(rest(half)) == [b"abc"]
        served.handler.resolve(0, Reply(200, body=b"kept"))
        assert bodies(rest(waits)) == [b"kept"]


@pytest.mark.parametrize("sent", [b"", b"POST /now HTTP/1.1\r\n", asked("/now", b"abc")[:-1]])
def test_what_does_not_come_is_not_waited_for(sent: bytes) -> None:
    with serving(Told(), reading_s=0.1) as served, served.connect() as slow:
        slow.sendall(sent)
        assert rest(slow) == b""
        assert served.handler.refused == ["late"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(("/now", "/app", "/soon")), st.binary(max_size=40)), min_size=1, max_size=5
    ),
    st.lists(st.integers(1, 60), max_size=12),
)
def test_however_it_is_cut_the_same_is_read(
    served: Served, requests: list[tuple[str, bytes]], cuts: list[int]
) -> None:
    """One connection, one request after the other as a client sends them, in pieces of any size."""
    served.handler.taken.clear()
    with served.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for path, body in requests:
            left, sizes = asked(path, body), iter(cuts)
            while left:
                size = next(sizes, len(left))
                connection.sendall(left[:size])
                left = left[size:]
            ends = b"0\r\n\r\n" if path == "/app" else body
            wanted = b"POST /app" if path == "/app" else body
            assert bodies(_until(connection, b"\r\n\r\n" + ends if path != "/app" else ends)) == [wanted]
    assert [(request.path, request.body) for request in served.handler.taken] == requests


def _until(connection: socket.socket, *ends: bytes) -> bytes:
    said = b""
    while not said.endswith(ends):
        more = connection.recv(65536)
        assert more, said
        said += more
    return said
