import ClusterModel
import Core
import EventLoops
import Glibc

/// The identifier of this machine's node: made once, kept in the data directory.
enum NodeIdentity {
    static func load(from directory: String, environment: Environment) throws -> NodeID {
        let path = directory + "/node-id"
        if let text = try PrivateFile.read(path) {
            guard let id = NodeID(parsing: String(text.prefix { !$0.isNewline })) else {
                throw ApolloError(
                    .corrupt, "\(path) does not hold a node's identifier",
                    hint: "restore it, or remove it to make this machine a new node")
            }
            return id
        }
        let id: NodeID = environment.identifier()
        try PrivateFile.write("\(id)\n", to: path)
        return id
    }
}
