"""A way to a platform that is cut, as networks are."""

import socket
import threading


class CuttingProxy:
    """Passes connections on, and breaks each off after so many bytes of answers."""

    def __init__(self, port, every):
        self.port, self.every = port, every
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        # A listener that is only closed would still be waited on.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(60)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.port)) as server:
            back = threading.Thread(target=self.move, args=(client, server, None), daemon=True)
            back.start()
            self.move(server, client, self.every)
            for end in (client, server):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # Gone already.
            back.join(60)

    def move(self, source, target, most):
        try:
            while piece := source.recv(4096):
                if most is not None:
                    most -= len(piece)
                    if most < 0:
                        self.cuts += 1
                        return
                target.sendall(piece)
        except OSError:
            pass  # One of the two went.


class GatedProxy(CuttingProxy):
    """Passes connections on until so many bytes of requests have passed; then it breaks off all and takes no more."""

    def __init__(self, port, budget):
        super().__init__(port, None)
        self.budget = budget
        # Bytes of requests.
        self.passed = 0
        self.lock = threading.Lock()

    def open(self):
        """From now on there is no end to it, and what passes is counted anew."""
        with self.lock:
            self.budget, self.passed = None, 0

    def serve(self, client):
        if self.budget is not None and self.passed > self.budget:
            client.close()
            return
        super().serve(client)

    def move(self, source, target, most):
        if source.getsockname() != self.listener.getsockname():
            return super().move(source, target, most)
        try:
            while piece := source.recv(65536):
                with self.lock:
                    self.passed += len(piece)
                    is_over = self.budget is not None and self.passed > self.budget
                if is_over:
                    self.cuts += 1
                    target.shutdown(socket.SHUT_RDWR)
                    return None
                target.sendall(piece)
        except OSError:
            pass  # One of the two went.
        return None
