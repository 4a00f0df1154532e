namespace BuildRunner.Servers;

/// <summary>Says that a database server cannot be started on this machine, and why.</summary>
/// <param name="reason">What is missing, and what to do about it.</param>
public sealed class ServerUnavailableException(string reason) : Exception(reason);
