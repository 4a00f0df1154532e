using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Rows;

public sealed class RequestBatchesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_knows_nothing_of_what_flows_with_a_caller(bool gathers)
    {
        AsyncLocal<string> local = new() { Value = "caller" };
        TaskCompletionSource<string?> first = new();
        TaskCompletionSource<string?> later = new();
        RequestBatches<int> batches = new(1, 1, gathers, async batch =>
        {
            await Task.Yield();
            (batch[0] == 1 ? first : later).SetResult(local.Value);
        });

        batches.Add(1);
        batches.Add(2);

        (await first.Task).Should().BeNull();
        (await later.Task).Should().BeNull();
        local.Value.Should().Be("caller");
    }
}
