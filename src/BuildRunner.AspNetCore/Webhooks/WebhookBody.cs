using Microsoft.AspNetCore.Http;

namespace BuildRunner.AspNetCore.Webhooks;

/// <summary>
/// Reads the body of one webhook. Its memory, which counts against the budget, grows with the received bytes and not with the announced
/// length.
/// </summary>
internal sealed class WebhookBody(BodyBudget budget, long limit) : IDisposable
{
    // The number of bodies of full size that fit into the budget. A lower limit does not lower the budget, which is for many small
    // bodies too.
    private const int LimitsInBudget = 4;
    private const long LeastBudget = LimitsInBudget * WebhookEndpoint.MaxBodySize;

    private const int MinSize = 1024;
    private const int FirstSize = 16 * 1024;

    private byte[] _buffer = [];
    private int _taken;
    private int _length;

    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body to its end.</summary>
    /// <returns>The status of the response if the body cannot be read; otherwise, <see langword="null"/>.</returns>
    public async Task<int?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        // One more byte, to read the end without growing.
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
