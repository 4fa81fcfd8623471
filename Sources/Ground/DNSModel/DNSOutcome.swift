/// What is done with a question.
public enum DNSOutcome: Hashable, Sendable {
    case answer(DNSResponse)
    /// It is for the resolvers of the machine.
    case forward
}
