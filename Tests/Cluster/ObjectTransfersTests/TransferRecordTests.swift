import Testing

@testable import ObjectTransfers

@Suite struct TransferRecordTests {
    private var record: TransferRecord {
        TransferRecord(.init(size: 100, partSize: 16, version: "abc-3"), upload: "id~1")
    }

    @Test("What was written is read, with its parts")
    func reading() throws {
        let text = record.head + TransferRecord.line(2, 77) + TransferRecord.line(1, 4_294_967_295)
        let read = try #require(TransferRecord(text))
        #expect(read.subject == record.subject)
        #expect(read.upload == "id~1")
        #expect(read.parts == [1: 4_294_967_295, 2: 77])
    }

    @Test("A last line that was not written to its end does not count")
    func torn() throws {
        let text = record.head + TransferRecord.line(1, 5) + "part 2 12"
        #expect(try #require(TransferRecord(text)).parts == [1: 5])
        #expect(TransferRecord(String(record.head.dropLast())) == nil)
    }

    @Test(
        "Anything else is not read",
        arguments: [
            "", "\n", "apollo-transfer 2 1 1 a b\n", "apollo-transfer 1 0 1 a b\n",
            "apollo-transfer 1 1 1 a\n",
            "apollo-transfer 1 1 1 a b\npart x 1\n", "apollo-transfer 1 1 1 a b\nelse\n",
        ])
    func malformed(_ text: String) { #expect(TransferRecord(text) == nil) }
}
