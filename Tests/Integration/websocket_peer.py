"""Run by the Python that has `websockets`: reads a WebSocket to its end and tells what came, as JSON.

websocket_peer.py URL TOKEN [CA] [say=TEXT] [origin=ORIGIN]
"""

import json
import ssl
import sys

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


def main(url, token, *rest):
    said = dict(word.split("=", 1) for word in rest if "=" in word)
    authorities = [word for word in rest if "=" not in word]
    context = ssl.create_default_context(cafile=authorities[0]) if authorities else None
    result = {"messages": []}
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        options = {"ssl": context, "origin": said.get("origin"), "open_timeout": 60}
        with connect(url, additional_headers=headers, **options) as socket:
            if "say" in said:
                socket.send(said["say"])
            print("open", flush=True)
            try:
                while True:
                    result["messages"].append(socket.recv(timeout=120))
            except ConnectionClosed as closed:
                result["code"] = closed.rcvd.code if closed.rcvd else None
                result["reason"] = closed.rcvd.reason if closed.rcvd else None
    except InvalidStatus as refused:
        result["status"] = refused.response.status_code
        result["body"] = refused.response.body.decode(errors="replace")
    print(json.dumps(result))


main(*sys.argv[1:])
