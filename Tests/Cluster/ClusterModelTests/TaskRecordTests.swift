import Core
import Testing

@testable import ClusterModel

@Suite("Records of tasks")
struct TaskRecordTests {
    private static let record = TaskRecord(
        id: TaskID(time: Timestamp(microseconds: 0), random: 1), name: "one", project: "default",
        spec: TaskSpec(executable: "/bin/true"), reason: "new", createdAt: Timestamp(microseconds: 0),
        createdBy: "user://local/admin")

    @Test func `everything of a record is stored`() {
        let fields = Mirror(reflecting: Self.record).children.count
        #expect(TaskRecord.CodingKeys.allCases.count == fields)
    }

    @Test func `a copy of a record shares what was asked until one of them changes it`() {
        var copy = Self.record
        #expect(copy.sharedSpec.box === Self.record.sharedSpec.box)
        copy.spec.priority = 7
        #expect(Self.record.spec.priority == 0)
        #expect(copy.spec.priority == 7)
        #expect(copy != Self.record)
    }
}
