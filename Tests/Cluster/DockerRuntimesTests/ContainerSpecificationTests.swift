import ClusterModel
import Core
import TaskRuntimes
import Testing

@testable import DockerRuntimes

/// What the engine is asked for, byte by byte.
@Suite struct ContainerSpecificationTests {
    private let launch = AttemptLaunch(
        attempt: AttemptID(parsing: "01hzzzzzzzzzzzzzzzz1")!, task: TaskID(parsing: "01hzzzzzzzzzzzzzzzz2")!,
        taskName: "web", project: "default", spec: TaskSpec(image: "busybox:1.35"))
    private let options = DockerRuntimeConfiguration(instance: "i1")

    private func json(
        _ spec: TaskSpec, abilities: EngineAbilities = EngineAbilities(), usesInit: Bool = true
    ) -> String {
        var launch = launch
        launch.spec = spec
        let specification = ContainerSpecification(
            launch, instance: "i1", abilities: abilities, options: options, usesInit: usesInit)
        return String(decoding: Engine.json(specification), as: UTF8.self)
    }

    private static let safety =
        #""RestartPolicy":{"Name":"no"},"SecurityOpt":["no-new-privileges"]"#
    private static let powers =
        #""CapAdd":["CHOWN","DAC_OVERRIDE","FOWNER","FSETID","KILL","NET_BIND_SERVICE","SETGID","SETUID"],"CapDrop":["ALL"]"#
    private static let log =
        #""LogConfig":{"Config":{"compress":"false","max-file":"4","max-size":"33554432"},"Type":"local"}"#
    private static let labels =
        #""apollo.attempt":"01hzzzzzzzzzzzzzzzz1","apollo.instance":"i1","apollo.name":"web""#

    @Test func `the least is asked for safely`() {
        let expected =
            #"{"Env":[],"HostConfig":{\#(Self.powers),"Init":true,\#(Self.log),"PidsLimit":4096,\#(Self.safety)},"#
            + #""Image":"busybox:1.35","Labels":{\#(Self.labels),"apollo.project":"default","#
            + #""apollo.task":"01hzzzzzzzzzzzzzzzz2"}}"#
        #expect(json(TaskSpec(image: "busybox:1.35")) == expected)
    }

    @Test func `GPUs are asked for by which they are, or else by how many`() {
        var launch = launch
        launch.spec.resources.gpus = 2
        func requests() -> [HostSpecification.DeviceRequest]? {
            ContainerSpecification(
                launch, instance: "i1", abilities: EngineAbilities(), options: options, usesInit: true
            ).host.deviceRequests
        }
        #expect(requests() == [HostSpecification.DeviceRequest(count: 2)])
        launch.gpus = [AssignedGPU(index: 1, uuid: "GPU-b"), AssignedGPU(index: 3, uuid: "GPU-d")]
        #expect(requests() == [HostSpecification.DeviceRequest(devices: ["GPU-b", "GPU-d"])])
        let json = String(decoding: Engine.json(requests()), as: UTF8.self)
        #expect(json == #"[{"Capabilities":[["gpu"]],"DeviceIDs":["GPU-b","GPU-d"]}]"#)
        launch.spec.resources.gpus = 0
        #expect(requests() == nil)
    }

    @Test func `everything is asked for`() {
        let spec = TaskSpec(
            image: "busybox:1.35", command: ["serve", "--port", "80"], entrypoint: ["/bin/sh"],
            environment: ["B": "2", "A": "1=\u{e9}"], workingDirectory: "/srv", user: "1000:1000",
            mounts: [Mount(source: "/data", target: "/mnt", readOnly: true)],
            ports: [
                PortMapping(container: 80),
                PortMapping(container: 53, host: 5353, address: "::1", transport: .udp),
            ],
            resources: Resources(
                cpuMillis: 1500, memory: .mebibytes(64), disk: .gibibytes(1), gpus: 2, processes: 50),
            labels: ["team": "a", "apollo.attempt": "forged"])
        let labels = Self.labels.replacing(
            #","apollo.instance""#, with: #","apollo.disk":"1073741824","apollo.instance""#)
        let expected =
            #"{"Cmd":["serve","--port","80"],"Entrypoint":["/bin/sh"],"Env":["A=1=é","B=2"],"#
            + #""ExposedPorts":{"53/udp":{},"80/tcp":{}},"HostConfig":{\#(Self.powers),"#
            + #""DeviceRequests":[{"Capabilities":[["gpu"]],"Count":2}],\#(Self.log),"Memory":67108864,"#
            + #""MemorySwap":67108864,"Mounts":[{"ReadOnly":true,"Source":"/data","Target":"/mnt","Type":"bind"}],"#
            + #""NanoCpus":1500000000,"PidsLimit":50,"PortBindings":{"53/udp":[{"HostIp":"::1","HostPort":"5353"}],"#
            + #""80/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]},\#(Self.safety)},"Image":"busybox:1.35","#
            + #""Labels":{\#(labels),"apollo.ports":"80/tcp=127.0.0.1:0,53/udp=::1:5353","#
            + #""apollo.project":"default","apollo.task":"01hzzzzzzzzzzzzzzzz2","team":"a"},"User":"1000:1000","#
            + #""WorkingDir":"/srv"}"#
        #expect(json(spec, usesInit: false) == expected)
    }

    @Test func `what the engine cannot limit is left out and told`() {
        var abilities = EngineAbilities()
        abilities.memory = false
        abilities.processors = false
        abilities.processes = false
        abilities.hasLocalLog = false
        let resources = Resources(
            cpuMillis: 100, memory: .mebibytes(8), disk: .mebibytes(1), processes: 5)
        let text = json(TaskSpec(image: "x", resources: resources), abilities: abilities)
        for key in ["Memory", "MemorySwap", "NanoCpus", "PidsLimit"] { #expect(!text.contains("\"\(key)\"")) }
        #expect(
            text.contains(
                #""LogConfig":{"Config":{"max-file":"4","max-size":"33554432"},"Type":"json-file"}"#))
        let warnings = ContainerSpecification.warnings(for: resources, abilities: abilities)
        #expect(warnings.count == 3)
        abilities = EngineAbilities()
        abilities.swap = false
        #expect(
            ContainerSpecification.warnings(for: Resources(memory: .mebibytes(8)), abilities: abilities).count
                == 1)
        #expect(ContainerSpecification.warnings(for: Resources(), abilities: abilities).isEmpty)
    }

    @Test func `a container's name holds only what names may`() {
        var launch = launch
        launch.taskName = "Büro/web 1.0_x-" + String(repeating: "y", count: 200)
        let name = ContainerSpecification.name(of: launch)
        #expect(name.hasPrefix("apollo-B-ro-web-1.0_x-yyy"))
        #expect(name.hasSuffix("-01hzzzzzzzzzzzzzzzz1"))
        #expect(name.utf8.count < 140)
    }

    @Test func `a list of ports is read as it was written`() {
        let ports = [
            PortMapping(container: 80),
            PortMapping(container: 53, host: 5353, address: "::1", transport: .udp),
        ]
        #expect(PortList.decode(PortList.encode(ports)) == ports)
        #expect(PortList.decode("80/tcp,=,x/tcp=1:2,80/sctp=1:2,99999/tcp=a:1,80/tcp=127.0.0.1") == [])
    }
}
