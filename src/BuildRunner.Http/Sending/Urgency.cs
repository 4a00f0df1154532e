namespace BuildRunner.Http.Sending;

/// <summary>Marks reads for a create or a cancel. They are not polls, so they may use the part of a rate limit that polls leave.</summary>
internal static class Urgency
{
    private static readonly AsyncLocal<bool> Current = new();

    public static bool IsUrgent(HttpRequestMessage request) =>
        Current.Value || (request.Options.TryGetValue(HttpBackend.Operation, out var marked) && marked == HttpOperations.Check);

    public static async Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        Current.Value = true;
        return await read(cancellationToken).ConfigureAwait(false);
    }
}
