using Microsoft.AspNetCore.Http;

namespace BuildRunner.AspNetCore.Webhooks;

/// <summary>
/// The body of one webhook. Its memory grows with what was received, not with what was announced, and comes out of the budget.
/// </summary>
internal sealed class WebhookBody(BodyBudget budget, long limit) : IDisposable
{
    // How many bodies of the full size may be in memory at a time. A lower limit makes no smaller budget: it is for many small ones as
    // well.
    private const int LimitsInBudget = 4;
    private const long LeastBudget = LimitsInBudget * WebhookEndpoint.MaxBodySize;

    private const int MinSize = 1024;
    private const int FirstSize = 16 * 1024;

    private byte[] _buffer = [];
    private int _taken;
    private int _length;

    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, _length);

    /// <summary>Reads to the end.</summary>
    /// <returns>The status of the answer if it cannot be read, or <see langword="null"/> if it was.</returns>
    public async Task<int?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        // One byte more, in which the end is read without growing.
        var size = Math.Clamp((request.ContentLength ?? FirstSize) + 1, MinSize, FirstSize);
        while (true)
        {
            if (_length == _buffer.Length)
            {
                if (!TryGrow((int)size))
                {
                    return StatusCodes.Status503ServiceUnavailable;
                }

                size = Math.Min(2L * _buffer.Length, Math.Min(limit + 1, Array.MaxLength));
            }

            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            _length += read;
            if (_length > limit)
            {
                return StatusCodes.Status413PayloadTooLarge;
            }
        }
    }

    public void Dispose()
    {
        _buffer = [];
        _length = 0;
        budget.Return(_taken);
        _taken = 0;
    }

    private bool TryGrow(int size)
    {
        if (!budget.TryTake(size, Math.Max(LeastBudget, LimitsInBudget * limit)))
        {
            return false;
        }

        var grown = GC.AllocateUninitializedArray<byte>(size);
        Content.CopyTo(grown);
        _buffer = grown;
        budget.Return(_taken);
        _taken = size;
        return true;
    }
}
