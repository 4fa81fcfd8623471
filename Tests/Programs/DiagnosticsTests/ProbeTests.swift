import Core
import Glibc
import Testing

@testable import Diagnostics

@Suite struct ProbeTests {
    @Test func `the kernel's table of sockets is read`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1B9E 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 12345 1 0 100 0
               1: 0100007F:1B9E 0100007F:D431 01 00000000:00000000 00:00000000 00000000  0  0 12346 1 0 100 0
               2: nonsense
            """
        let found = NetworkProbe.listeners(in: table)
        #expect(found.map(\.port) == [7070])
        #expect(found.map(\.inode) == ["12345"])
    }

    @Test func `what hangs is given up, and what answers is not waited for`() async {
        let late: Int? = await Probe.blocking("test", limit: .milliseconds(20)) {
            pause()  // Until the program ends.
            return 1
        }
        #expect(late == nil)
        #expect(await Probe.blocking("test", limit: .seconds(60)) { 2 } == 2)
    }

    @Test func `the nearest directory that is there is looked at`() {
        #expect(StorageProbe.nearest(to: "/tmp/no/such/directory") == "/tmp")
        #expect(StorageProbe.nearest(to: "/") == "/")
        guard case .absent(isMakeable: true) = StorageProbe.data("/tmp/no/such/directory").state else {
            Issue.record("/tmp can be written to")
            return
        }
    }
}
