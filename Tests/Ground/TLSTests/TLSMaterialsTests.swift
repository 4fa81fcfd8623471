import Synchronization
import TLS
import Testing

struct TLSMaterialsTests {
    private struct Unusable: Error {}

    private func material(_ name: String) -> TLSMaterial {
        TLSMaterial(.init(certificates: .text(name), key: .text("key")))
    }

    @Test func `every door is told of what is new, once, also when another cannot use it`() {
        let materials = TLSMaterials(material("first"))
        let told = Mutex<[String]>([])
        materials.observe { _ in throw Unusable() }
        materials.observe { new in
            guard case .text(let name) = new.identity.certificates else { return }
            told.withLock { $0.append(name) }
        }
        #expect(throws: Never.self) { try materials.replace(with: material("first")) }
        #expect(throws: Unusable.self) { try materials.replace(with: material("second")) }
        #expect(materials.current == material("second"))
        #expect(told.withLock { $0 } == ["second"])
    }
}
