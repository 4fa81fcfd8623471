import APIClients
import AuthorityClients
import Core
import Files
import Glibc

/// The authorities that were trusted at a login, kept up with the platform: one that takes the place of another is learned, once
/// a day, from the platform that the old one still vouches for.
struct PinnedAuthorities {
    private let file: String?
    private static let age = Duration.seconds(86400)

    init(_ target: Target) { file = target.pin == nil ? nil : target.authorities }

    /// Fetches them anew where that was long ago.
    func refresh(_ api: APIClient, at now: Timestamp) async {
        guard let file, isOld(file, at: now) else { return }
        do {
            let all = try PlatformTrust.certificates(try await AuthorityClient(api.unscoped).authorities())
            guard !all.isEmpty else { return }
            try PrivateFile.write(try PlatformTrust.pem(all), to: file)
        } catch {
            return  // What is there is good; the next command tries again.
        }
    }

    private func isOld(_ file: String, at now: Timestamp) -> Bool {
        var status = stat()
        guard stat(file, &status) == 0 else { return false }
        let written = Timestamp(microseconds: Int64(ModificationTime(status).seconds) * 1_000_000)
        return written.duration(to: now) > Self.age
    }
}
