import Core
import Documents
import HTTPModel
import HTTPRouting
import Testing

@Suite struct ConditionTests {
    private let exchange: any Exchange = Shop().exchange
    private let target = "/things/\(Shop.thingID)"

    private func send(
        _ method: HTTPMethod, _ name: String, _ value: String, body: String = ""
    ) async throws -> Answer {
        try await exchange.send(method, target, ["Authorization": "admin", name: value], body: body)
    }

    @Test(arguments: [#""12""#, #"W/"12""#, #""1", "12""#, #""a,b" ,W/"12","c""#, "*"])
    func `what the caller has already is not sent again`(_ tags: String) async throws {
        let answer = try await send(.get, "If-None-Match", tags)
        #expect(answer.status == .notModified)
        #expect(answer.fields["ETag"] == #""12""#)
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: [#""13""#, #"W/"x""#, #""""#])
    func `what has changed is sent`(_ tags: String) async throws {
        let answer = try await send(.get, "If-None-Match", tags)
        #expect(answer.status == .ok)
        #expect(answer.fields.values("ETag") == [#""12""#])
        #expect(answer.text == Shop.thingID.text)
    }

    @Test(arguments: ["12", #""12"#, #""a" "b""#, "W/", "w/\"12\"", ",", #""a b""#])
    func `malformed conditions are refused`(_ tags: String) async throws {
        #expect(try await send(.get, "If-None-Match", tags).status == .badRequest)
        #expect(try await send(.put, "If-Match", tags, body: #"{"name":"a"}"#).status == .badRequest)
    }

    @Test(arguments: [(#""12""#, 200), ("*", 200), (#""1", "12""#, 200), (#""11""#, 412), (#"W/"12""#, 412)])
    func `a change happens only to the version that was seen`(_ tags: String, _ status: Int) async throws {
        let answer = try await send(.put, "If-Match", tags, body: #"{"name":"a"}"#)
        #expect(answer.status.rawValue == status)
        if status == 412 {
            #expect(try answer.json()["type"] == "urn:apollo:error:conflict")
            #expect(try answer.json()["detail"] == #"it has changed: its version is "12" now"#)
        }
    }

    @Test func `a thing is only made where there is none`() throws {
        let create = try Preconditions(HTTPFields(["If-None-Match": "*"]))
        #expect(try create.check(nil, method: .put) == false)
        #expect(throws: HTTPProblem.self) { try create.check(EntityTag("a"), method: .put) }
        let change = try Preconditions(HTTPFields(["If-Match": "*"]))
        #expect(throws: HTTPProblem.self) { try change.check(nil, method: .put) }
        #expect(try Preconditions(HTTPFields()).isEmpty)
    }

    @Test func `tags of bytes differ with the bytes`() {
        #expect(EntityTag(of: [1, 2]) != EntityTag(of: [2, 1]))
        #expect(EntityTag(of: []) == EntityTag(of: []))
    }
}

@Suite struct ServerSentEventTests {
    @Test(arguments: [
        (ServerSentEvent(data: ""), "data: \n\n"),
        (ServerSentEvent(data: "a\r\nb\rc\n"), "data: a\ndata: b\ndata: c\ndata: \n\n"),
        (
            ServerSentEvent(event: "x\ndata: forged", id: "1\r2\u{0}", data: "{}", retry: 500),
            "event: xdata: forged\nid: 12\nretry: 500\ndata: {}\n\n"
        ),
    ])
    func `an event cannot break out of its fields`(_ event: ServerSentEvent, _ expected: String) {
        #expect(String(decoding: event.bytes, as: UTF8.self) == expected)
    }
}
