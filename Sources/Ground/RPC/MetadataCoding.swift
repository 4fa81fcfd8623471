import CGRPC
import RPCModel

extension RPCMetadata {
    static let detailsName = "grpc-status-details-bin"

    /// Reads what the core received. `details` is what a status brings along, and no metadata.
    init(_ received: OpaquePointer, details: inout [UInt8]) {
        self.init()
        for index in 0..<cgrpc_received_count(received) {
            let name = cgrpc_received_name(received, index).text
            let value = cgrpc_received_value(received, index).array
            if name == Self.detailsName { details = value } else { addReceived(name, value) }
        }
    }

    init(_ received: OpaquePointer) {
        var details: [UInt8] = []
        self.init(received, details: &details)
    }

    /// For the core to send, which frees it with the call; nil for none.
    func forCore(details: [UInt8] = []) -> OpaquePointer? {
        let count = entries.count + (details.isEmpty ? 0 : 1)
        guard count > 0 else { return nil }
        let metadata: OpaquePointer = cgrpc_metadata_create(count)
        for entry in entries {
            entry.name.withBytes { name in entry.bytes.withBytes { cgrpc_metadata_add(metadata, name, $0) } }
        }
        if !details.isEmpty {
            Self.detailsName.withBytes { name in details.withBytes { cgrpc_metadata_add(metadata, name, $0) }
            }
        }
        return metadata
    }
}

extension RPCPeerIdentity {
    /// Whom the peer's certificate names; nil where it has shown none that is trusted.
    init?(_ call: OpaquePointer) {
        final class Properties { var found: [(name: String, value: String)] = [] }
        let properties = Properties()
        cgrpc_call_identity(call, Unmanaged.passUnretained(properties).toOpaque()) {
            context, name, value, count in
            let bytes = UnsafeRawBufferPointer(start: value, count: count)
            Unmanaged<Properties>.fromOpaque(context).takeUnretainedValue().found
                .append((String(cString: name), String(decoding: bytes, as: UTF8.self)))
        }
        func all(_ name: String) -> [String] { properties.found.filter { $0.name == name }.map(\.value) }
        guard let certificate = all("x509_pem_cert").first else { return nil }
        self.init(
            commonName: all("x509_common_name").first, uris: all("peer_uri"), dnsNames: all("peer_dns"),
            certificate: certificate)
    }
}
