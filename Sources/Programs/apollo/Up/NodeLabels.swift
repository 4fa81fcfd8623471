import ClusterModel
import Core

/// Reads the setting `node.labels`: `zone=a,disk=ssd`.
enum NodeLabels {
    static func parse(_ text: String) throws(ApolloError) -> [String: String] {
        var labels: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let key = halves.first, !key.isEmpty, halves[1].utf8.count <= 256 else {
                throw fault("'\(part)' is not LABEL=VALUE")
            }
            guard LabelName.isValid(key) else {
                throw fault("'\(key)' is not a label's name: \(LabelName.expectation)")
            }
            for prefix in ["node.", "runtime."] where key.hasPrefix(prefix) {
                throw fault("labels that begin with '\(prefix)' are Apollo's own")
            }
            guard labels.updateValue(String(halves[1]), forKey: String(key)) == nil else {
                throw fault("'\(key)' is given twice")
            }
        }
        return labels
    }

    private static func fault(_ what: String) -> ApolloError {
        ApolloError(.invalid, "node.labels: \(what)", hint: "write it as zone=a,disk=ssd")
    }
}
