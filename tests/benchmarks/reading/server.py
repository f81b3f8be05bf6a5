"""A server for one kind: `python -m tests.benchmarks.reading.server KIND COUNT`.

It prints its port, and when its stdin ends the number of requests that it got. It need not be quick: only what its
client spends is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tests.benchmarks.reading.answers import ANSWERS, Answer, Asked, Store


class Server:
    """Answers over as many connections as come."""

    def __init__(self, answer: Answer, store: Store) -> None:
        self.requests = 0
        self._answer = answer
        self._store = store

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests += 1
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        status, told = self._answer(self._store, Asked.read(first.split(" ")[1], operation, body))
        # A text is answered as it is, everything else as JSON.
        content = told.encode() if isinstance(told, str) else json.dumps(told, separators=(",", ":")).encode()
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n".encode())
        writer.write(f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        return headers.get("connection", "").lower() != "close"


async def main(kind: str, count: int) -> None:
    server = Server(ANSWERS[kind], Store(count))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**20)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(server.requests, flush=True)
    listening.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
