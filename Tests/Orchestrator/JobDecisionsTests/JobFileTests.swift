import ClusterModel
import Core
import Documents
import JobModel
import Scheduling
import Testing
import YAML

@Suite struct JobFileTests {
    private func read(_ text: String) throws -> JobSpec {
        try JobSpec.read(YAMLReader().read(Array(text.utf8), file: "job.yaml"), of: "job.yaml")
    }

    private func faults(_ text: String) -> [String: String] {
        do {
            _ = try read(text)
            return [:]
        } catch let error as ApolloError {
            return Dictionary(error.fields.map { ($0.path, $0.message) }) { first, _ in first }
        } catch {
            Issue.record("\(error)")
            return [:]
        }
    }

    @Test func `a file with every default is a service of one instance`() throws {
        let spec = try read(
            """
            name: web
            tasks:
              - name: web
                image: nginx
            """)
        #expect(spec.type == .service)
        #expect(spec.tasks[0].instances == 1)
        #expect(spec.update.maxSurge == 1)
        #expect(spec.tasks[0].spec.image == "nginx")
    }

    @Test func `what is encoded is read as it was`() throws {
        let spec = try read(
            """
            name: sums
            type: batch
            datacenters: [a, b]
            priority: 7
            tasks:
              - {name: parts, image: busybox, instances: 9, parallelism: 3, retries: 2}
              - {name: total, image: busybox, after: [parts]}
            """)
        let again = try JobSpec.read(
            DocumentDecoder().read(JSONWriter.bytes(encoding: spec)), of: "it")
        #expect(again == spec)
        #expect(spec.template(spec.tasks[0]).priority == 7)
        #expect(spec.template(spec.tasks[0]).constraints.map(\.description) == ["datacenter in a, b"])
    }

    @Test func `an unknown key is named with its line and column`() {
        let found = faults("name: web\ntasks:\n  - name: web\n    imagee: nginx\n")
        #expect(found["tasks[0].imagee"]?.contains("job.yaml:4:5") == true)
    }

    @Test func `a circle of dependencies is shown whole`() {
        let found = faults(
            """
            name: round
            type: batch
            tasks:
              - {name: a, image: x, after: [b]}
              - {name: b, image: x, after: [a]}
            """)
        #expect(found["tasks[0].after"]?.contains("a after b after a") == true)
        #expect(found["tasks[0].after"]?.contains("job.yaml:4:") == true)
    }

    @Test func `what a task starts after is checked by the job's type, with its place`() throws {
        func said(_ type: String, _ after: String) -> String? {
            faults(
                "name: a\ntype: \(type)\ntasks:\n  - {name: db, image: x}\n  - name: web\n    image: x\n    after: [\(after)]"
            )["tasks[1].after[0]"]
        }
        for good in ["db", "db:started", "db:healthy"] {
            #expect(said("service", good) == nil)
            #expect(said("system", good) == nil)
        }
        for good in ["db", "db:completed"] { #expect(said("batch", good) == nil) }
        #expect(
            said("service", "pg")?.contains("no task of this job; there are 'db', 'web' (job.yaml:7:13)")
                == true)
        #expect(said("service", "pg:started")?.contains("'pg' is no task") == true)
        #expect(said("service", "db:completed")?.contains("kept up and do not complete") == true)
        #expect(said("service", "db:up")?.contains("must be 'db:started' or 'db:healthy'") == true)
        #expect(said("batch", "db:started")?.contains("until they have completed: write 'db'") == true)
        #expect(said("service", "\"db:\"") != nil)
        let round =
            "name: a\ntasks:\n  - {name: a, image: x, after: ['b:started']}\n  - {name: b, image: x, after: [a]}"
        #expect(faults(round)["tasks[0].after"]?.contains("a after b after a (job.yaml:3:") == true)
        let spec = try read(
            "name: a\ntasks: [{name: a, image: x}, {name: b, image: x, after: ['a:started']}]")
        #expect(try JobSpec.read(DocumentDecoder().read(JSONWriter.bytes(encoding: spec)), of: "it") == spec)
    }

    @Test func `constraints that no node can fulfil are refused`() {
        let head = "name: a\ntasks:\n  - name: a\n    image: x\n    constraints:\n"
        #expect(
            faults(head + "      - {label: zone}")["tasks[0].constraints[0]"]?.contains("needs 'values'")
                == true)
        let two = faults(head + "      - {label: zone, values: [a]}\n      - {label: zone, values: [b]}")
        #expect(two["tasks[0].constraints[1]"]?.contains("'zone = b' and 'zone = a'") == true)
        #expect(two["tasks[0].constraints[1]"]?.contains("job.yaml:7:9") == true)
        let absent = faults(
            head + "      - {label: gpu, relation: absent}\n      - {label: gpu, relation: exists}")
        #expect(absent.keys.contains("tasks[0].constraints[1]"))
        #expect(faults(head + "      - {label: gpu, relation: exists, values: [a]}").count == 1)
        #expect(
            faults(head + "      - {label: zone, values: [a]}\n      - {label: disk, values: [b]}").isEmpty)
        let job = "name: a\ndatacenters: [east]\nconstraints: [{label: datacenter, values: [west]}]\n"
        #expect(
            faults(job + "tasks: [{name: a, image: x}, {name: b, image: x}]").keys.sorted() == [
                "constraints[0]"
            ])
        let both =
            "name: a\ndatacenters: [east]\ntasks: [{name: a, image: x, constraints: [{label: datacenter, values: [west]}]}]"
        #expect(faults(both).keys.sorted() == ["tasks[0].constraints[0]"])
    }

    @Test func `a cron job says when, and only it`() {
        let tasks = "tasks: [{name: a, image: x}]"
        #expect(faults("name: a\ntype: cron\ncron: {schedule: '@daily'}\n\(tasks)").isEmpty)
        #expect(faults("name: a\ntype: cron\n\(tasks)")["cron"]?.contains("is missing") == true)
        #expect(
            faults("name: a\ncron: {schedule: '@daily'}\n\(tasks)")["cron"]?.contains("of type cron") == true)
        let found = faults("name: a\ntype: cron\ncron:\n  schedule: 0 25 * * *\n  timeZone: a..b\n\(tasks)")
        #expect(found["cron.schedule"]?.contains("'25' for the hour") == true)
        #expect(found["cron.schedule"]?.contains("job.yaml:4:13") == true)
        #expect(found["cron.timeZone"]?.contains("Europe/Berlin") == true)
    }

    @Test func `what runs through is not run twice when its machine is cut off, unless it says so`() throws {
        let spec = try read(
            "name: a\ntype: batch\ntasks: [{name: a, image: x}, {name: b, image: x, onDisconnect: keep}]")
        #expect(spec.tasks.map(\.spec.onDisconnect) == [.stopAfter, .keep])
        #expect(try read("name: a\ntasks: [{name: a, image: x}]").tasks[0].spec.onDisconnect == .keep)
        let again = try JobSpec.read(DocumentDecoder().read(JSONWriter.bytes(encoding: spec)), of: "it")
        #expect(again == spec)
    }

    @Test func `the instances of a task are one group, unless it names another`() throws {
        let spec = try read(
            "name: web\nspread: {over: zone}\ntasks: [{name: a, image: x, apart: true}, {name: b, image: x, group: g}]"
        )
        #expect(spec.tasks.map { spec.template($0).group } == ["web/a", "g"])
        #expect(spec.tasks.map { spec.template($0).spread?.over } == ["zone", "zone"])
    }

    @Test func `impossible counts, names that stand twice and unknown dependencies are refused`() {
        #expect(
            faults("name: a\ntasks: [{name: a, image: x, instances: 10001}]").keys.contains(
                "tasks[0].instances"))
        #expect(
            faults("name: a\ntasks: [{name: a, image: x}, {name: a, image: x}]").keys.contains(
                "tasks[1].name"))
        #expect(
            faults("name: a\ntype: batch\ntasks: [{name: a, image: x, after: [z]}]").keys.contains(
                "tasks[0].after[0]"))
        #expect(
            faults("name: a\nupdate: {maxSurge: 0}\ntasks: [{name: a, image: x}]").keys.contains(
                "update.maxUnavailable"))
        #expect(faults("name: a\ntasks: [{name: a, image: x, retries: 3}]").keys.contains("tasks[0].retries"))
        #expect(faults("name: a\ntasks: [{name: a}]").keys.contains("tasks[0].image"))
    }
}
