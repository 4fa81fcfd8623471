public import ObjectModel

/// How a bucket hides what comes into it, asked and answered.
public enum EncryptionDocument {
    public static func document(_ encryption: ObjectEncryption) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ServerSideEncryptionConfiguration", namespace: XMLWriter.namespace) { writer in
            writer.element("Rule") { writer in
                writer.element("ApplyServerSideEncryptionByDefault") { writer in
                    switch encryption {
                    case .platform, .customer: writer.element("SSEAlgorithm", "AES256")
                    case .named(let name):
                        writer.element("SSEAlgorithm", "aws:kms")
                        writer.element("KMSMasterKeyID", name)
                    }
                }
                writer.element("BucketKeyEnabled", false)
            }
        }
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8]) throws(S3Error) -> ObjectEncryption {
        let rules = try RequestDocument.read(bytes, "ServerSideEncryptionConfiguration").all("Rule")
        guard rules.count == 1, let rule = rules[0]["ApplyServerSideEncryptionByDefault"] else {
            throw RequestDocument.malformed
        }
        let name = rule["KMSMasterKeyID"]?.text ?? ""
        switch rule["SSEAlgorithm"]?.text {
        case "AES256":
            guard name.isEmpty else {
                throw S3Error(.invalidArgument, "A KMSMasterKeyID is not applicable with AES256")
            }
            return .platform
        case "aws:kms":
            guard !name.isEmpty else { throw S3Error(.invalidArgument, "aws:kms needs the id of a key") }
            return .named(name)
        default: throw RequestDocument.malformed
        }
    }
}
