import Benchmarks

/// `apollo-bench rpc`: calls between programs, and what they carry.
enum RPCSuite {
    static let suite = Suite(
        "rpc", summary: "Measure calls between programs, and the codec of their messages",
        cases: CallCases.cases + [ProtobufCases.encode, ProtobufCases.decode])
}
