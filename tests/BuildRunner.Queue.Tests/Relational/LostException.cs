namespace BuildRunner.Queue.Tests.Relational;

/// <summary>What a driver throws whose connection breaks.</summary>
public sealed class LostException : Exception;
