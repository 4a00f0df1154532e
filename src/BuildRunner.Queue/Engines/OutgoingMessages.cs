using System.Diagnostics;
using BuildRunner.Queue.Telemetry;

namespace BuildRunner.Queue.Engines;

/// <summary>
/// Provides what is done with publications before an engine has them.
/// </summary>
internal static class OutgoingMessages
{
    /// <summary>
    /// Throws an exception if publications may not be stored.
    /// </summary>
    /// <param name="publications">The publications.</param>
    /// <param name="options">What holds for the queue.</param>
    /// <exception cref="ArgumentNullException"><paramref name="publications"/>, one of them or <paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A payload has more than <see cref="QueueOptions.MaxPayloadBytes"/> bytes.</exception>
    public static void ThrowIfInvalid(IReadOnlyList<OutgoingMessage> publications, QueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(publications);
        ArgumentNullException.ThrowIfNull(options);
        foreach (var publication in publications)
        {
            ArgumentNullException.ThrowIfNull(publication, nameof(publications));
            if (publication.Message.Payload.Length > options.MaxPayloadBytes)
            {
                throw new ArgumentException(
                    $"The payload of the message '{publication.Message.Id}' has {publication.Message.Payload.Length} bytes; it must have at most {options.MaxPayloadBytes}. Publish a reference to what is larger, or raise {nameof(QueueOptions)}.{nameof(QueueOptions.MaxPayloadBytes)}.",
                    nameof(publications));
            }
        }
    }

    /// <summary>
    /// Adds the context of the current trace to the headers of messages that have none.
    /// </summary>
    /// <param name="publications">The publications.</param>
    /// <returns>The publications with the context, or as they are where there is no trace.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="publications"/> is <see langword="null"/>.</exception>
    public static IReadOnlyList<OutgoingMessage> WithTrace(IReadOnlyList<OutgoingMessage> publications)
    {
        ArgumentNullException.ThrowIfNull(publications);
        return Activity.Current is { } current ? [.. publications.Select(publication => WithTrace(publication, current))] : publications;
    }

    private static OutgoingMessage WithTrace(OutgoingMessage publication, Activity activity)
    {
        var message = TraceHeaders.Write(publication.Message, activity);
        return ReferenceEquals(message, publication.Message) ? publication : new OutgoingMessage(publication.Topic, message, publication.Delay);
    }
}
