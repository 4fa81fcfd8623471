"""Traces: what a collector of OTLP over HTTP gets, and what is logged."""

import http.server
import json
import threading

from harness import ApolloTestCase
from harness.waiting import eventually

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Collector:
    """Takes spans as a collector does. `refusals` are the statuses it answers first."""

    def __init__(self, *refusals):
        self.spans, self.requests, self.refusals = [], [], list(refusals)
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.requests.append((self.path, self.headers["Content-Type"]))
                status = collector.refusals.pop(0) if collector.refusals else 200
                if status == 200:
                    for resource in json.loads(body)["resourceSpans"]:
                        attributes = collector.attributes(resource["resource"])
                        for scope in resource["scopeSpans"]:
                            for span in scope["spans"]:
                                collector.spans.append({**span, "service": attributes["service.name"]})
                answer = b"{}"
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    @staticmethod
    def attributes(holder):
        return {entry["key"]: next(iter(entry["value"].values())) for entry in holder["attributes"]}

    def find(self, name, trace=None):
        return [span for span in list(self.spans) if span["name"] == name and trace in (None, span["traceId"])]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Tracing(ApolloTestCase):
    own_platform = True

    def collect(self, sample, *refusals, level="info"):
        collector = Collector(*refusals)
        self.addCleanup(collector.close)
        settings = {"APOLLO_TRACING_ENDPOINT": collector.address, "APOLLO_TRACING_SAMPLE": str(sample)}
        platform = self.make_platform("--log-level", level, "--log-format", "json", env=settings).start()
        self.addCleanup(lambda: platform.is_running and platform.terminate())
        return collector, platform

    def test_a_request_is_a_span_of_the_trace_that_the_client_began(self):
        collector, platform = self.collect(0, level="debug")
        answer = platform.api.get("/api/v1/tasks", headers={"traceparent": PARENT, "tracestate": "a=b"})
        self.assertEqual(answer.status, 200)
        span = eventually(lambda: collector.find("GET /api/v1/tasks"), "the collector has the span")[0]
        self.assertEqual(span["traceId"], PARENT.split("-")[1])
        self.assertEqual(span["parentSpanId"], PARENT.split("-")[2])
        self.assertRegex(span["spanId"], r"\A[0-9a-f]{16}\Z")
        self.assertEqual((span["kind"], span["traceState"], span["service"]), (2, "a=b", "apollo"))
        self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
        attributes = collector.attributes(span)
        self.assertEqual(attributes["http.route"], "/api/v1/tasks")
        self.assertEqual(attributes["http.response.status_code"], "200")
        self.assertEqual(attributes["apollo.request.id"], answer.headers["X-Request-Id"])
        self.assertEqual(collector.requests[0], ("/v1/traces", "application/json"))
        # The log knows the trace too.
        lines = [json.loads(line) for line in platform.log.splitlines() if answer.headers["X-Request-Id"] in line]
        self.assertEqual(lines[0]["trace"], span["traceId"])

    def test_what_the_client_does_not_record_is_not_recorded(self):
        collector, platform = self.collect(1)
        platform.api.get("/api/v1/nodes", headers={"traceparent": PARENT[:-1] + "0"})
        platform.api.get("/api/v1/version")
        eventually(lambda: collector.find("GET /api/v1/version"), "the later request arrives")
        self.assertEqual(collector.find("GET /api/v1/nodes"), [])

    def test_a_malformed_parent_begins_a_trace_and_fails_nothing(self):
        collector, platform = self.collect(1)
        for parent in ("nonsense", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "x" * 5000):
            self.assertEqual(platform.api.get("/api/v1/version", headers={"traceparent": parent}).status, 200)
        spans = eventually(
            lambda: len(found := collector.find("GET /api/v1/version")) == 3 and found, "three spans arrive"
        )
        self.assertTrue(all("parentSpanId" not in span for span in spans))
        self.assertEqual(len({span["traceId"] for span in spans}), 3)

    def test_the_start_of_an_attempt_is_a_span(self):
        collector, platform = self.collect(1)
        record = platform.api.shell("exit 0")
        platform.await_end(record["id"])
        span = eventually(lambda: collector.find("start attempt"), "the start arrives")[0]
        attributes = collector.attributes(span)
        self.assertEqual(attributes["apollo.task.id"], record["id"])
        self.assertEqual(attributes["apollo.attempt.id"], platform.api.task(record["id"])["attempts"][0]["id"])

    def test_a_collector_that_is_busy_gets_them_later(self):
        collector, platform = self.collect(1, 503, 429)
        platform.api.get("/api/v1/version")
        eventually(lambda: collector.find("GET /api/v1/version"), "the span arrives in the end")

    def test_what_waits_at_the_end_is_still_sent(self):
        collector, platform = self.collect(1)
        platform.api.get("/api/v1/openapi.json")
        self.assertEqual(platform.terminate(), 0)
        self.assertEqual(len(collector.find("GET /api/v1/openapi.json")), 1)

    def test_a_collector_that_is_away_stops_nothing(self):
        collector, platform = self.collect(1)
        collector.close()
        for _ in range(20):
            self.assertEqual(platform.api.get("/api/v1/version").status, 200)
        eventually(lambda: "traces cannot be sent" in platform.log, "the log says that they cannot be sent")
        self.assertEqual(platform.terminate(), 0)

    def test_a_wrong_setting_is_named(self):
        platform = self.make_platform(env={"APOLLO_TRACING_SAMPLE": "2"})
        outcome = platform.begin().wait(60)
        self.assertNotEqual(outcome, 0)
        self.assertSays(platform.log, "APOLLO_TRACING_SAMPLE", "a number from 0 to 1")
