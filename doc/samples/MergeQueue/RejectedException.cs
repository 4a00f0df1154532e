namespace MergeQueue;

/// <summary>The exception for a request that cannot be fulfilled. Its message is for the user.</summary>
internal sealed class RejectedException(string message) : Exception(message);
