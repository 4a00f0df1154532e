namespace BuildRunner.Queue.Publishing;

/// <summary>Checks messages, adds the trace context and publishes them.</summary>
internal sealed class Publisher(IQueueEngine engine, IOptions<QueueOptions> options, QueueTelemetry telemetry) : IPublisher, IDisposable
{
    private volatile bool _isClosed;

    public Task<PublishResult> PublishAsync(string topic, Message message, CancellationToken cancellationToken = default) =>
        PublishOneAsync(new OutgoingMessage(topic, message), cancellationToken);

    public Task<PublishResult> PublishAfterAsync(
        string topic, Message message, TimeSpan delay, CancellationToken cancellationToken = default) =>
        PublishOneAsync(new OutgoingMessage(topic, message, delay), cancellationToken);

    public async Task<IReadOnlyList<PublishResult>> PublishAllAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_isClosed, typeof(IPublisher));
        cancellationToken.ThrowIfCancellationRequested();
        if (messages.Count == 0)
        {
            return [];
        }

        PayloadLimit.ThrowIfExceeded(messages, options.Value);
        var topics = messages is [var only] ? [new(only.Topic, 1)] : messages.CountBy(static message => message.Topic).ToArray();
        var activity = telemetry.StartPublish(messages[0].Topic);
        activity?.SetTag("messaging.batch.message_count", messages.Count);
        try
        {
            var results = await telemetry.PublishAsync(
                topics is [var topic] ? topic.Key : null,
                () => engine.PublishAsync(TraceHeaders.Write(messages), cancellationToken)).ConfigureAwait(false);
            Array.ForEach(topics, sent => telemetry.Sent(sent.Key, sent.Value));
            return results;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, exception.Message).SetTag(
                "error.type", exception.GetType().FullName);
            throw;
        }
        finally
        {
            telemetry.End(activity);
        }
    }

    public void Dispose() => _isClosed = true;

    private async Task<PublishResult> PublishOneAsync(OutgoingMessage message, CancellationToken cancellationToken) =>
        (await PublishAllAsync([message], cancellationToken).ConfigureAwait(false))[0];
}
