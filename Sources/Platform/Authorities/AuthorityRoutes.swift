import APIServers
import AuthorityMessages
import Certificates
import Core
import Cryptography
import Documents
import HTTPModel
import HTTPRouting
import Identity

/// `/api/v1/ca` and `/api/v1/certificates`.
struct AuthorityRoutes {
    let store: AuthorityStore

    private static let serial = Parameter<String>.path(
        "serial", "The certificate's serial number, in hexadecimal.")

    var routes: [Route<Caller>] { [show, rotate, list, revoke] }

    private var show: Route<Caller> {
        Route(
            .get, "/api/v1/ca", operation: "getAuthorities", summary: "The authorities to trust",
            description: "Needs no token: compare the fingerprint with that of a join token.",
            tag: "certificates", access: .open,
            responses: [.json(.page(of: .of(TrustedAuthority.self)), "The one that signs first.")]
        ) { _ in try .json(Self.bundle(try await self.store.trusted())) }
    }

    private var rotate: Route<Caller> {
        Route(
            .post, "/api/v1/ca/rotate", operation: "rotateAuthority", summary: "Make a new authority",
            description:
                "It signs from now on; those before it are trusted until what they signed is replaced.",
            tag: "certificates",
            access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
            responses: [.json(.page(of: .of(TrustedAuthority.self)), "The new one first.")]
        ) { _ in try .json(Self.bundle(try await self.store.rotate())) }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/certificates", operation: "listCertificates", summary: "List what was issued",
            tag: "certificates",
            access: .permissionFor { _ in Caller.Permission(.list, try Resources.nodes()) },
            responses: [.json(.page(of: .of(IssuedCertificate.self)), "The newest 1000 first.")]
        ) { _ in try .json(IssuedCertificates(items: try await self.store.certificates())) }
    }

    private var revoke: Route<Caller> {
        Route(
            .delete, "/api/v1/certificates/{serial}", operation: "revokeCertificate",
            summary: "Call a certificate back", tag: "certificates",
            access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
            parameters: [Self.serial], responses: [.noContent("It is refused from now on.")]
        ) { call in
            try await self.store.revoke(call[Self.serial])
            return HTTPResponse(.noContent)
        }
    }

    static func bundle(_ trusted: [AuthorityStore.Trusted]) throws -> TrustBundle {
        TrustBundle(
            items: try trusted.map { authority in
                TrustedAuthority(
                    fingerprint: authority.certificate.fingerprint.hex,
                    certificate: try authority.certificate.pem(), notAfter: authority.certificate.notAfter,
                    isActive: authority.isActive)
            })
    }
}
