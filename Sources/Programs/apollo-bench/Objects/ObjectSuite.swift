import Benchmarks

/// `apollo-bench objects`: the object store of a platform as a user runs it.
enum ObjectSuite {
    static let suite = Suite(
        "objects", summary: "Measure the object store",
        cases: [
            ObjectCases.putSmall, ObjectCases.getSmall, ObjectCases.getMedium, ObjectCases.list,
            ObjectCases.listMillion,
            ObjectTransferCases.put, ObjectTransferCases.putSingle, ObjectTransferCases.get,
            ObjectTransferCases.uploadMemory,
        ])
}
