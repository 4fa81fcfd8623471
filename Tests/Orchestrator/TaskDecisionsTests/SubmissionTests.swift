import ClusterModel
import Core
import TaskDecisions
import Testing

struct SubmissionTests {
    @Test(arguments: [
        ("busybox", "busybox"), ("docker.io/library/Busy_Box:1.36", "busy-box"), ("a/b@sha256:00ff", "b"),
        ("/usr/bin/work", "work"), ("/usr/bin/", "bin"), ("_a__B.c_", "a-b-c"), ("a\r\nb", "a-b"),
        ("x/\u{DC}n\u{EF}-Cod_e.2", "n-cod-e-2"), ("\u{212A}elvin:1", "kelvin"), ("///", "task"),
        (":5", "task"),
        ("\u{E4}\u{F6}", "task"), (String(repeating: "ab", count: 30), String(repeating: "ab", count: 20)),
    ])
    func `a task that is given no name is named after what it runs`(_ source: String, _ stem: String) throws {
        var bench = Bench()
        let (task, _) = try bench.submit { $0 = TaskSpec(executable: source) }
        #expect(task.name == "\(stem)-\(task.id.text.suffix(5))")
    }
}
