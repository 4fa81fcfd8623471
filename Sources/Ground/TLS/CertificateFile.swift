import CSSL
public import Core
import Glibc

/// What a file of certificates says of the first of them, the server's own.
public enum CertificateFile {
    /// When it stops being valid.
    public static func expiry(of path: String) throws(TLSError) -> Timestamp {
        let (name, bytes) = try PEMSource.file(path).read("certificate")
        var end: Timestamp?
        let count = try PEMReader(bytes).forEachCertificate(of: name) { certificate, index throws(TLSError) in
            guard index == 0 else { return }
            var time = tm()
            guard let stated = X509_get0_notAfter(certificate), ASN1_TIME_to_tm(stated, &time) == 1 else {
                throw .configuration("the \(name) does not say when it expires")
            }
            end = Timestamp(microseconds: Int64(timegm(&time)) * 1_000_000)
        }
        guard count > 0, let end else {
            throw .configuration("the \(name) holds no certificate in PEM form")
        }
        return end
    }
}
