import ClusterModel
import Core
import TaskDecisions

// What clients ask, as `Managers/Manager` does it.
extension VirtualManager {
    enum Answer {
        case accepted(TaskRecord)
        case done
        case refused
        /// There is no such task, as far as this manager knows: nothing is promised.
        case unknown
    }

    func submit(_ submission: Submission, _ answer: @escaping (Answer) -> Void) {
        guard isOpen, leads else { return answer(.refused) }
        if lent(&core, { $0.isHeldUp(submission) }) {
            return settle { [self] in submit(submission, answer) }
        }
        let record: TaskRecord
        let decision: Decision
        do throws(TaskRefusal) {
            (record, decision) = try core.submit(submission, at: civil)
        } catch {
            return answer(.refused)
        }
        guard !decision.isEmpty else {
            if storing[record.id] == nil { return answer(.accepted(record)) }
            storing[record.id]!.append { [self] in submit(submission, answer) }
            return
        }
        storing[record.id] = []
        let isEarly = world.bug == .acknowledgesEarly
        if isEarly { answer(.accepted(record)) }
        enqueue(decision, .submission(record.id, key: submission.idempotencyKey)) { isStored in
            if !isEarly { answer(isStored ? .accepted(record) : .refused) }
        }
    }

    func stop(_ task: TaskID, _ answer: @escaping (Answer) -> Void) {
        guard isOpen, leads else { return answer(.refused) }
        let decision: Decision
        do throws(TaskRefusal) {
            decision = try core.stop(task, grace: nil, at: civil)
        } catch {
            return answer(.unknown)
        }
        carryOut(decision, .other, answer)
    }

    func remove(_ task: TaskID, _ answer: @escaping (Answer) -> Void) {
        guard isOpen, leads else { return answer(.refused) }
        let decision: Decision
        do throws(TaskRefusal) {
            decision = try core.remove(task)
        } catch .unknownTask {
            return answer(.unknown)
        } catch {
            return answer(.refused)
        }
        carryOut(decision, .removal(task), answer)
    }

    private func carryOut(
        _ decision: Decision, _ kind: OutboxEntry.Kind, _ answer: @escaping (Answer) -> Void
    ) {
        enqueue(decision, kind) { answer($0 ? .done : .refused) }
    }

    /// Calls back once all that was decided before is stored, or could not be.
    private func settle(_ then: @escaping () -> Void) { enqueue(Decision(), .other) { _ in then() } }

    /// Orders about a node: stored, then obeyed.
    func order(_ node: NodeID, _ service: NodeOrders.Service, within wait: Duration? = nil) {
        guard isOpen, leads, let described = core.description(of: node) else { return }
        var orders = core.orders(of: node)
        orders.service = service
        (orders.drainBy, orders.drainSince) = (wait.map { civil.advanced(by: $0) }, civil)
        world.store.commit([.node(node, .init(node: described, orders: orders))], by: self) {
            [self] outcome in
            guard case .stored = outcome else { return }
            drains.count(orders, about: node, at: civil, instant)
            do throws(NodeRefusal) {
                enqueue(try core.obey(orders, about: node, at: civil))
            } catch {
                // It was removed meanwhile.
            }
            nodesChanged()
        }
    }
}
