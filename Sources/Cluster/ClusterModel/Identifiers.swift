public import Core

/// Phantom kinds for ``Identifier``.
public enum TaskKind {}
public enum AttemptKind {}
public enum NodeKind {}

public typealias TaskID = Identifier<TaskKind>
public typealias AttemptID = Identifier<AttemptKind>
public typealias NodeID = Identifier<NodeKind>
