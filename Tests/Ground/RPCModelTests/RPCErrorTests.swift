import Core
import RPCModel
import Testing

@Suite("Errors of calls")
struct RPCErrorTests {
    @Test(
        "every kind of failure survives the trip, with its fields and its hint", arguments: ErrorKind.allCases
    )
    func roundTrip(kind: ErrorKind) {
        let error = ApolloError(
            kind, "the task cannot run", hint: "give it less",
            fields: [FieldError(path: "resources.memory", message: "is more than any node has")])
        let status = RPCStatus(RPCError(error))
        let back = RPCError(code: status.code, message: status.message, details: status.details)
        #expect(ApolloError(back) == error)
    }

    @Test("a code without details becomes the nearest kind", arguments: RPCCode.allCases)
    func withoutDetails(code: RPCCode) {
        let error = RPCError(code: code, message: "", details: [])
        #expect(error.message.contains(code.name))
        #expect(code == .ok ? error.kind == .internal : error.kind == code.kind)
    }

    @Test("the details are a google.rpc.Status, byte for byte")
    func detailBytes() {
        // Worked out by hand from google/rpc/status.proto: Status(code=5, message="no", details=[Any(ErrorInfo(reason="NOT_FOUND", domain="apollo"))]).
        let expected: [UInt8] =
            [8, 5, 18, 2] + Array("no".utf8) + [26, 63, 10, 40]
            + Array("type.googleapis.com/google.rpc.ErrorInfo".utf8)
            + [18, 19, 10, 9] + Array("NOT_FOUND".utf8) + [18, 6] + Array("apollo".utf8)
        #expect(RPCStatus(RPCError(.notFound, "no")).details == expected)
    }

    @Test("details that are cut or of another kind leave code and message as they are")
    func damagedDetails() {
        let details = RPCStatus(
            RPCError(.invalidArgument, "no", hint: "yes", fields: [FieldError(path: "a", message: "b")])
        ).details
        for count in 0..<details.count {
            let error = RPCError(code: .invalidArgument, message: "no", details: Array(details.prefix(count)))
            #expect(error.code == .invalidArgument)
            #expect(error.message == "no")
        }
    }

    @Test("a fault of our own says nothing of its cause")
    func internalIsHidden() {
        let status = RPCStatus(ApolloError(.internal, "the password is secret"), requestID: "r1")
        #expect(status.code == .internal)
        #expect(!status.message.contains("secret"))
        #expect(!String(decoding: status.details, as: UTF8.self).contains("secret"))
        #expect(String(decoding: status.details, as: UTF8.self).contains("r1"))
    }

    @Test("what is long is cut to what every peer reads")
    func bounds() {
        let fields = (0..<200).map {
            FieldError(path: "field\($0)", message: String(repeating: "x", count: 100))
        }
        let status = RPCStatus(
            RPCError(
                .invalidArgument, String(repeating: "ü", count: 4000),
                hint: String(repeating: "h", count: 4000), fields: fields))
        #expect(status.message.utf8.count <= 1027)
        #expect(status.details.count <= 3 * 1024)
        let back = RPCError(code: status.code, message: status.message, details: status.details)
        #expect(back.fields.first == fields.first)
    }
}
