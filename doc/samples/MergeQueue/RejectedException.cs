namespace MergeQueue;

/// <summary>What was asked for cannot be done; the message is a sentence for the person who asked.</summary>
internal sealed class RejectedException(string message) : Exception(message);
