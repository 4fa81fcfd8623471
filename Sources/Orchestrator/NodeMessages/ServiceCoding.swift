public import ClusterModel
import Core
public import RPCModel

// Where tasks answer, as it travels to a worker.
extension Order {
    /// The most endpoints of one message: well below what a message may be long.
    private static let endpointsAtOnce = 1000

    public static func services(_ update: ServiceUpdate) -> [Order] {
        update.pieces(of: endpointsAtOnce).map { piece in
            Order(
                kind: .services(
                    Services(
                        isWhole: piece.isWhole, endpointJSON: piece.changed.map(WireReading.bytes),
                        removedTask: piece.removed.map(\.text), continues: piece.continues)))
        }
    }

    /// What it says of services; nil for another order.
    public func serviceUpdate() throws(RPCError) -> ServiceUpdate? {
        guard case .services(let services)? = kind else { return nil }
        var update = ServiceUpdate(isWhole: services.isWhole, continues: services.continues)
        for bytes in services.endpointJSON {
            update.changed.append(try WireReading.json(bytes, "endpoint_json"))
        }
        for text in services.removedTask {
            update.removed.append(try WireReading.id(text, "removed_task"))
        }
        return update
    }
}
