public import Core

/// The phantom kind of ``TaskID``.
public enum TaskKind {}
/// The phantom kind of ``AttemptID``.
public enum AttemptKind {}
/// The phantom kind of ``NodeID``.
public enum NodeKind {}

public typealias TaskID = Identifier<TaskKind>
public typealias AttemptID = Identifier<AttemptKind>
public typealias NodeID = Identifier<NodeKind>
