namespace BuildRunner.Http;

/// <summary>
/// Defines what tells which builds a webhook is about. Implemented by runners whose service sends webhooks.
/// </summary>
/// <remarks>
/// Found with <see cref="BuildRunnerExtensions.As{T}"/>. A webhook only says that a build is worth a poll: nothing else of it is believed.
/// <para>
/// Runners implement it, so it gains no members.
/// </para>
/// </remarks>
public interface IBuildWebhookReader
{
    /// <summary>
    /// Checks who sent a webhook, and reads its builds.
    /// </summary>
    /// <param name="headers">The headers by name, in any case. A header that was sent several times has its values joined with a comma.</param>
    /// <param name="body">The body, byte for byte as it was received: the signature is over these bytes.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The builds of the webhook, or <see langword="null"/> if it is not authentic: unsigned, signed with another secret or a weaker scheme, out of its time, or no secret is configured. Empty if it is authentic and of no build.</returns>
    ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default);
}
