namespace BuildRunner.Http;

/// <summary>
/// Represents a runner that reads the webhooks of its service.
/// </summary>
/// <remarks>
/// Use <see cref="BuildRunnerExtensions.As{T}"/> to find it. A webhook is only a reason to poll a build; nothing else in it is trusted.
/// Runners implement it, so it gains no members.
/// </remarks>
public interface IBuildWebhookReader
{
    /// <summary>
    /// Checks whether a webhook is authentic, and reads its builds.
    /// </summary>
    /// <param name="headers">The headers by name, in any case. The values of a repeated header are joined with a comma.</param>
    /// <param name="body">The body, byte for byte as it was received, because the signature covers these bytes.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The builds of the webhook; empty if it is authentic but about no build; or <see langword="null"/> if it is not authentic:
    /// unsigned, signed with another secret or a weaker scheme, too old or too new, or no secret is configured.</returns>
    ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
        IReadOnlyDictionary<string, string> headers,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default);
}
