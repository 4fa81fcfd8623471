public import Networking

/// What resolv.conf(5) says of whom to ask.
public enum ResolverFile {
    /// The servers of `text`, on port 53, in their order; as many as the C library takes.
    public static func servers(in text: String) -> [NetworkAddress] {
        var found: [NetworkAddress] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver", !words[1].contains("%") else { continue }
            found.append(NetworkAddress(host: String(words[1]), port: 53))
        }
        return Array(found.prefix(3))
    }
}
