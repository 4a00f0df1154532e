namespace BuildRunner.Queue.Tests.Relational;

/// <summary>The exception of a driver for a broken connection.</summary>
public sealed class LostException : Exception;
