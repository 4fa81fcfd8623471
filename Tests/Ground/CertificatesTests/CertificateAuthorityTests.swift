import Certificates
import Concurrency
import Core
import Identity
import Testing

@Suite(.enabled(if: OpenSSLCommand.isAvailable, "needs the openssl command"))
struct CertificateAuthorityTests {
    let openssl = OpenSSLCommand()
    let now = LiveWallClock().now
    let node: Principal

    init() throws { node = try Principal(.node, realm: "local", name: "worker-1") }

    private func terms(_ usages: Set<CertificateUsage> = [.server, .client]) -> CertificateTerms {
        CertificateTerms(
            node, usages: usages,
            names: [AlternativeName(parsing: "localhost")!, AlternativeName(parsing: "127.0.0.1")!])
    }

    @Test("openssl verifies our chain, for both usages and for its names")
    func chain() throws {
        let authority = try CertificateAuthority.make(cluster: "local", at: now)
        let key = try PrivateKey.generate()
        let certificate = try authority.issue(SigningRequest.make(for: key), terms(), at: now)
        let root = openssl.write("ca.pem", try authority.certificate.pem())
        let leaf = openssl.write("leaf.pem", try certificate.pem())
        for purpose in ["sslserver", "sslclient"] {
            let (code, output) = openssl.run(
                "verify", "-x509_strict", "-purpose", purpose, "-CAfile", root, leaf)
            #expect(code == 0, "\(output)")
        }
        #expect(
            openssl.run("verify", "-CAfile", root, "-verify_hostname", "localhost", leaf).code == 0)
        #expect(openssl.run("verify", "-CAfile", root, "-verify_hostname", "elsewhere", leaf).code != 0)
        #expect(openssl.run("verify", "-CAfile", root, "-verify_ip", "127.0.0.1", leaf).code == 0)
        let text = openssl.run("x509", "-in", leaf, "-noout", "-text").output
        #expect(text.contains("URI:apollo://local/node/worker-1"))
        #expect(text.contains("CA:FALSE"))
        let authorityText = openssl.run("x509", "-in", root, "-noout", "-text").output
        #expect(authorityText.contains("CA:TRUE"))
        #expect(authorityText.contains("Certificate Sign, CRL Sign"))
    }

    @Test("Whoever trusts the first authority alone has a path to what the third signed")
    func succession() throws {
        let first = try CertificateAuthority.make(cluster: "local", at: now)
        let second = try CertificateAuthority.make(cluster: "local", at: now)
        let third = try CertificateAuthority.make(cluster: "local", at: now)
        let leaf = try third.issue(.make(for: .generate()), terms(), at: now)
        let between = try [
            second.endorse(third.certificate, at: now), first.endorse(second.certificate, at: now),
        ]
        let path = openssl.write("between.pem", try between.map { try $0.pem() }.joined())
        let shown = openssl.write("leaf.pem", try leaf.pem())
        for authority in [first, second, third] {
            let root = openssl.write("ca.pem", try authority.certificate.pem())
            let (code, output) = openssl.run("verify", "-CAfile", root, "-untrusted", path, shown)
            #expect(code == 0, "\(output)")
            let verifier = CertificateVerifier(authorities: [authority.certificate])
            #expect(try verifier.verify([leaf] + between, for: .client, at: now) == node)
        }
        let root = openssl.write("ca.pem", try first.certificate.pem())
        #expect(openssl.run("verify", "-CAfile", root, shown).code != 0)
    }

    @Test("A request that openssl made is signed, whatever names it asks for", arguments: ["ec", "rsa"])
    func foreignRequest(kind: String) throws {
        let key =
            kind == "ec"
            ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] : ["-newkey", "rsa:2048"]
        let made = openssl.run(
            "req", "-new", "-nodes", key[0], key[1], key.count > 2 ? key[2] : "-sha256",
            key.count > 3 ? key[3] : "-batch", "-subj", "/CN=mallory", "-addext",
            "subjectAltName=URI:apollo://local/user/admin,DNS:evil.example", "-keyout",
            "\(openssl.directory)/k.pem", "-out", "\(openssl.directory)/r.pem")
        #expect(made.code == 0, "\(made.output)")
        let authority = try CertificateAuthority.make(cluster: "local", at: now)
        let request = try SigningRequest(pem: openssl.read("r.pem"))
        #expect(request.names.contains(.host("evil.example")))
        let certificate = try authority.issue(request, terms(), at: now)
        #expect(certificate.principal == node)
        #expect(!certificate.names.contains(.host("evil.example")))
        #expect(certificate.belongs(to: try PrivateKey(pem: openssl.read("k.pem"))))
    }

    @Test("openssl reads and checks a request of ours")
    func ownRequest() throws {
        let key = try PrivateKey.generate()
        let request = try SigningRequest.make(for: key, names: [.host("worker.example")])
        let path = openssl.write("r.pem", try request.pem())
        let (code, output) = openssl.run("req", "-in", path, "-verify", "-noout", "-text")
        #expect(code == 0, "\(output)")
        #expect(output.contains("DNS:worker.example"))
        #expect(try SigningRequest(pem: Array(request.pem().utf8)).names == [.host("worker.example")])
    }

    @Test("Serials are random, times are as asked, and no certificate outlives its authority")
    func times() throws {
        let authority = try CertificateAuthority.make(cluster: "local", at: now, lifetime: .seconds(3600))
        let request = try SigningRequest.make(for: .generate())
        var short = terms()
        short.lifetime = .seconds(900)
        let one = try authority.issue(request, short, at: now)
        let two = try authority.issue(request, terms(), at: now)
        #expect(one.serial != two.serial)
        #expect(one.serial.utf8.count == 32)
        #expect(abs(one.notBefore.duration(to: now).inSeconds - 300) < 2)
        #expect(abs(now.duration(to: one.notAfter).inSeconds - 900) < 2)
        #expect(abs(one.notBefore.duration(to: one.renewsAt).inSeconds - 800) < 2)
        #expect(two.notAfter == authority.certificate.notAfter)
    }

    @Test("A weak key, a damaged request and one signed by another key are refused")
    func refusedRequests() throws {
        _ = openssl.run(
            "req", "-new", "-nodes", "-newkey", "rsa:1024", "-subj", "/CN=x", "-keyout",
            "\(openssl.directory)/k.pem", "-out", "\(openssl.directory)/r.pem")
        #expect(throws: CertificateError.self) { try SigningRequest(pem: openssl.read("r.pem")) }
        #expect(throws: CertificateError.self) { try SigningRequest(pem: Array("no request".utf8)) }
        #expect(throws: CertificateError.self) { try SigningRequest(pem: []) }
        let text = try SigningRequest.make(for: .generate()).pem()
        // A letter in the middle of the key.
        let at = text.index(text.startIndex, offsetBy: text.count / 2)
        let changed = text.replacingCharacters(at: at)
        #expect(throws: CertificateError.self) { try SigningRequest(pem: Array(changed.utf8)) }
    }

    @Test("A key survives its text, and shows itself in no log")
    func keys() throws {
        let key = try PrivateKey.generate()
        let pem = try key.pem()
        #expect(try PrivateKey(pem: pem).pem() == pem)
        #expect(openssl.run("pkey", "-in", openssl.write("k.pem", pem), "-noout", "-check").code == 0)
        #expect("\(key)" == "a private key")
        #expect(!String(reflecting: key).contains("PRIVATE"))
        #expect(throws: CertificateError.self) { try PrivateKey(pem: Array("-----BEGIN".utf8)) }
    }

    @Test("What a key signs is known by its certificate, and by no other")
    func signatures() throws {
        let authority = try CertificateAuthority.make(cluster: "local", at: now)
        let key = try PrivateKey.generate()
        let certificate = try authority.issue(SigningRequest.make(for: key), terms(), at: now)
        let message = Array("renew me".utf8)
        let signature = try key.sign(message)
        #expect(certificate.isSignature(signature, of: message))
        #expect(!certificate.isSignature(signature, of: message + [0]))
        #expect(!certificate.isSignature(try PrivateKey.generate().sign(message), of: message))
        #expect(!certificate.isSignature([], of: message))
        #expect(!authority.certificate.isSignature(signature, of: message))
    }

    @Test("An authority takes no key but its own")
    func ownKey() throws {
        let authority = try CertificateAuthority.make(cluster: "local", at: now)
        #expect(throws: CertificateError.self) {
            try CertificateAuthority(certificate: authority.certificate, key: .generate())
        }
    }
}

extension String {
    /// The text with another letter at `index`.
    fileprivate func replacingCharacters(at index: Index) -> String {
        String(self[..<index]) + (self[index] == "A" ? "B" : "A") + String(self[self.index(after: index)...])
    }
}
