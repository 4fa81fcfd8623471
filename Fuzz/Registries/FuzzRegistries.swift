import ImageClients
import ImageModel

/// Feeds bytes to what is read of registries: how they want to be told who asks, and the file of names and passwords. Of the first byte
/// depends which.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRegistries(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = bytes.first else { return 0 }
    let rest = Array(bytes.dropFirst())
    if kind % 2 == 0 {
        checkChallenge(String(decoding: rest, as: UTF8.self))
    } else {
        checkLogins(rest)
    }
    return 0
}

/// What is read is bounded, and read again of what it would be written as.
private func checkChallenge(_ text: String) {
    guard let challenge = AuthenticationChallenge(parsing: text) else { return }
    precondition(challenge.parameters.count <= 32, "more parameters than are looked at")
    precondition(challenge.scheme == challenge.scheme.lowercased() && !challenge.scheme.contains(" "))
    // Others may join the characters around them.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return }
    let written = challenge.parameters.map { name, value in
        let quoted = value.map { "\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        return "\(name)=\"\(quoted)\""
    }
    let again = AuthenticationChallenge(parsing: "\(challenge.scheme) " + written.joined(separator: ", "))
    precondition(again == challenge, "a challenge is read as another")
}

private func checkLogins(_ bytes: [UInt8]) {
    guard let logins = RegistryCredentials(parsing: bytes) else { return }
    for host in ["docker.io", "localhost:5000"] {
        guard let host = RegistryHost(parsing: host), let login = logins[host] else { continue }
        precondition(login.name.utf8.count <= bytes.count && login.password.utf8.count <= bytes.count)
    }
}
